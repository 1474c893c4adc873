import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { View } from '@errand/planner';
import { isTaskId } from '@errand/task';
import { readIfThere, removeDeadDrafts, writeDurably } from './durable-file.ts';
import { traceDescent } from './history.ts';
import { findBlob, parseCommit, parseTree } from './objects.ts';
import type { GitPort, TreeEntry } from './port.ts';

/** What changed on the branch as far as finished tasks go. */
export interface LedgerChange {
  /** Newly held ids: the branch was moved back, and they would run again. */
  reopened: string[];
  /** Every id that is held back now. */
  held: ReadonlySet<string>;
  /** Results that were removed after their task's file was tidied away, by id: their tasks are to be restored from these blobs. */
  toRestore: ReadonlyMap<string, string>;
  /** For people: what could not be told for now, or why the ledger could not be written (then this process alone knows what it says). */
  problem?: string;
  /** True when the view shows results that the last one did not: somebody folded. */
  folded: boolean;
}

/** The name of its folder within the folder of a queue. */
export const LEDGER = 'ledger';

/** A log shorter than this is not worth writing anew. */
const SPARE_LINES = 1_000;

/** Ends a line of which only the beginning was written: no id has it. */
const SPOILT = '?';

/**
 * Remembers the last tip and the ids seen finished, so that a branch that was moved back does not run old tasks again.
 * A result that is gone in a commit on top is a retry; gone because the tip does not descend from the last one, it is held
 * until the task file is edited. Where the remote could not be asked which of the two it is, or what a retry removed, nothing is decided: the
 * last tip stays the last one, and it is asked again with the next view.
 */
export class Ledger {
  readonly #folder: string;
  #tip: string | null = null;
  #finished = new Set<string>();
  /** Held ids, each with the blob that an edit must change. */
  #held = new Map<string, string>();
  /** Ids of which the last view could not tell whether they reopen or are retried, each with the blob that was first seen. */
  #doubted = new Map<string, string>();
  /** The last view could not settle everything against `#tip`. */
  #isUnsettled = false;
  /** Lines for the log that could not be written yet. */
  #unsaved: string[] = [];
  /** The log may end in the middle of a line: a full disk took only a part of what was to be added. */
  #mayBeTorn = false;
  /** Blob of the removed result, by id. */
  #toRestore = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async load(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await removeDeadDrafts(this.#folder);
    const state = await readIfThere(join(this.#folder, 'tip.json'));
    if (state !== null) {
      const { tip, held, toRestore } = readTip(state);
      this.#tip = tip;
      this.#toRestore = new Map(toRestore);
      this.#held = new Map(held);
    }
    const path = this.#log;
    const lines = ((await readIfThere(path)) ?? '').split('\n');
    // Of a line without an end nobody knows which task it meant: `task-1` may be the beginning of `task-10`.
    this.#mayBeTorn = lines.pop() !== '';
    for (const line of lines) {
      if (line.startsWith('+') && isTaskId(line.slice(1))) this.#finished.add(line.slice(1));
      else if (line.startsWith('-')) this.#finished.delete(line.slice(1));
    }
    if (lines.length < 2 * this.#finished.size + SPARE_LINES) return;
    // Retries add two lines each, for ever. A disk that takes nothing leaves it as long as it is.
    const rows = [...this.#finished].map((id) => `+${id}\n`);
    await writeDurably(path, rows.join('')).catch(() => undefined);
  }

  async observe(port: GitPort, view: View): Promise<LedgerChange> {
    // A branch that is gone for a moment (deleted and pushed again) must not be the past that the next tip is held against.
    if (view.tip === null) return this.#say([], false, view);
    const reopened: string[] = [];
    const doubted = new Map<string, string>();
    const lines: string[] = [];
    let changed = false;
    let isUnsettled = false;
    if (view.tip !== this.#tip) {
      changed = true;
      const gone = [...this.#finished].filter((id) => !view.results.has(id));
      const descends = gone.length === 0 || this.#tip === null || (await traceDescent(port, view.tip, this.#tip));
      const mayBeTidied = descends === true && this.#tip !== null && gone.some((id) => !view.tasks.has(id));
      const past = mayBeTidied ? await readPast(port, this.#tip as string) : undefined;
      isUnsettled = descends === 'unasked' || past === null;
      for (const id of gone) {
        const task = view.tasks.get(id);
        if (descends === true) {
          if (!task && past === null) continue;
          this.#finished.delete(id);
          lines.push(`-${id}`);
          const removed = task || past?.tasks.has(`${id}.md`) ? undefined : past?.results.get(`${id}.md`);
          if (removed !== undefined) this.#toRestore.set(id, removed);
        } else if (task) {
          // An edit while nobody could tell counts as one.
          const blob = this.#doubted.get(id) ?? task.blob;
          if (descends === 'unasked') doubted.set(id, blob);
          else {
            if (!this.#held.has(id) && blob === task.blob) reopened.push(id);
            this.#held.set(id, blob);
          }
        }
      }
    }
    const unsure = [...doubted.keys()].filter((id) => !this.#doubted.has(id));
    this.#doubted = doubted;
    this.#isUnsettled = isUnsettled;
    let folded = false;
    for (const id of view.results.keys()) {
      if (this.#finished.has(id) || !isTaskId(id)) continue;
      this.#finished.add(id);
      lines.push(`+${id}`);
      folded = true;
    }
    for (const [id, blob] of this.#held) {
      if (view.results.has(id) || view.tasks.get(id)?.blob !== blob) {
        this.#held.delete(id);
        changed = true;
      }
    }
    for (const id of this.#toRestore.keys()) {
      if (!view.tasks.has(id) && !view.results.has(id)) continue;
      this.#toRestore.delete(id);
      changed = true;
    }
    if (!isUnsettled) this.#tip = view.tip;
    const doubt = unsure.length === 0 ? {} : { problem: tellDoubt(unsure) };
    return { ...this.#say(reopened, folded, view), ...doubt, ...(await this.#save(changed, lines)) };
  }

  /** A fold that the remote took: the branch was at `tip`, with results for these ids, also where no view will ever show it. */
  async noteFold(tip: string, ids: readonly string[]): Promise<{ problem?: string }> {
    const lines = ids.filter((id) => !this.#finished.has(id)).map((id) => `+${id}`);
    for (const id of ids) this.#finished.add(id);
    // What is unsettled must still be held against the tip before.
    if (!this.#isUnsettled) this.#tip = tip;
    return this.#save(true, lines);
  }

  /** True once a view showed the branch. */
  get hasSeenBranch(): boolean {
    return this.#tip !== null;
  }

  /** What is to be restored is written first: a line that says `-` too often does no harm, a lost restoration would. */
  async #save(changed: boolean, lines: readonly string[]): Promise<{ problem?: string }> {
    const state = { tip: this.#tip, held: [...this.#held], toRestore: [...this.#toRestore] };
    this.#unsaved.push(...lines);
    try {
      if (changed || this.#unsaved.length > 0) await writeDurably(join(this.#folder, 'tip.json'), `${JSON.stringify(state)}\n`);
      if (this.#unsaved.length > 0) await this.#append(`${this.#unsaved.join('\n')}\n`);
      this.#unsaved = [];
      return {};
    } catch (error) {
      return { problem: `cannot write the ledger in ${this.#folder}: ${(error as Error).message}` };
    }
  }

  async #append(rows: string): Promise<void> {
    const text = this.#mayBeTorn ? `${SPOILT}\n${rows}` : rows;
    this.#mayBeTorn = true;
    await appendFile(this.#log, text);
    this.#mayBeTorn = false;
  }

  get #log(): string {
    return join(this.#folder, 'finished.log');
  }

  #say(reopened: string[], folded: boolean, view: View): LedgerChange {
    const unsure = [...this.#doubted].flatMap(([id, blob]) => (view.tasks.get(id)?.blob === blob ? [id] : []));
    return { reopened, held: new Set([...this.#held.keys(), ...unsure]), toRestore: new Map(this.#toRestore), folded };
  }
}

function tellDoubt(ids: readonly string[]): string {
  return `whether ${ids.join(', ')} may run again is not known before the branch's history can be fetched: held until then`;
}

/** The ids that the worker of this queue folder holds back as this view shows them, for who only looks. */
export async function readHeldBack(queueDir: string, view: View): Promise<ReadonlySet<string>> {
  const state = await readIfThere(join(queueDir, LEDGER, 'tip.json'));
  const held = state === null ? [] : readTip(state).held;
  return new Set(held.flatMap(([id, blob]) => (!view.results.has(id) && view.tasks.get(id)?.blob === blob ? [id] : [])));
}

interface Tip {
  tip: string | null;
  held: [string, string][];
  toRestore: [string, string][];
}

function readTip(text: string): Tip {
  try {
    const { tip, held, toRestore } = JSON.parse(text) as Partial<Tip>;
    return { tip: tip ?? null, held: held ?? [], toRestore: toRestore ?? [] };
  } catch {
    return { tip: null, held: [], toRestore: [] };
  }
}

interface Past {
  /** Names of the files in `tasks/`. */
  tasks: ReadonlySet<string>;
  /** Blobs of the results, by the name of their file. */
  results: ReadonlyMap<string, string>;
}

/** What the branch had at `tip`, brought where the clone was made anew since; null where it cannot be had now. */
async function readPast(port: GitPort, tip: string): Promise<Past | null> {
  // A commit that is asked for by itself brings the trees of all that came before it; a tree brings itself.
  if ((await port.read(tip)) === null && !(await port.deepen()).ok) return null;
  const commit = await findBlob(port, tip);
  if (commit === 'unknown') return null;
  const list = async (oid: string): Promise<TreeEntry[] | null> => {
    const tree = await findBlob(port, oid);
    if (tree === 'unknown') return null;
    return tree === 'gone' ? [] : parseTree(tree, tip.length / 2);
  };
  const folder = async (entries: TreeEntry[] | null, name: string): Promise<TreeEntry[] | null> => {
    const found = entries?.find((entry) => entry.name === name && entry.mode === '40000');
    return found ? list(found.oid) : entries && [];
  };
  const root = commit === 'gone' ? [] : await list(parseCommit(commit).tree);
  const tasks = await folder(root, 'tasks');
  const days = await folder(root, 'results');
  if (tasks === null || days === null) return null;
  const results = new Map<string, string>();
  for (const { name } of days) {
    const files = await folder(days, name);
    if (files === null) return null;
    for (const file of files) results.set(file.name, file.oid);
  }
  return { tasks: new Set(tasks.map(({ name }) => name)), results };
}
