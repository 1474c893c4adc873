import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { taskPath } from '@errand/task';
import { commitOnTip, type PathChange } from './branch-edit.ts';
import {
  createDurably,
  listNames,
  parseObject,
  readIfThere,
  readJsonFolder,
  removeDurably,
  writeDurably,
} from './durable-file.ts';
import { explainDeclined } from './explain-declined.ts';
import { isDescendant } from './history.ts';
import { branchRef, COORDINATION } from './names.ts';
import { readCommit, readTree } from './objects.ts';
import type { GitFailure, GitPort } from './port.ts';

/** A task file that waits to reach the branch. */
export interface OutboxEntry {
  id: string;
  content: string;
  subject: string;
  createdAt: string;
  /** Commits that were pushed with it without a definite answer: if the branch has one of them, it has arrived. */
  commits: string[];
}

export interface FlushOptions {
  tries?: number;
  lastLookWillDo?: boolean;
  onPush?: () => void;
}

export type FlushOutcome = { ok: true; sent: string[] } | { ok: false; sent: string[]; pending: string[]; cause: GitFailure };

type Sent = { state: 'accepted' | 'rejected' } | { state: 'declined' | 'unknown'; cause: GitFailure };

const LONGEST_ID = 80;
const SUFFIX_DIGITS = 4;

/**
 * Tasks filed on this machine that the branch does not have yet, as plain fsynced files outside the clone.
 * An entry goes only when the branch contains the very commit that added it, so that a task is never lost and one that a
 * person removed at once is not added again.
 */
export class Outbox {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Takes an entry in, and tells the id that it has here: its own, or one with a suffix where another task of that id waits already,
   * as when two processes file one at once.
   */
  async add(entry: OutboxEntry): Promise<string> {
    let { id } = entry;
    for (let digits = SUFFIX_DIGITS; ; ) {
      if (await createDurably(this.#path(id), textOf({ ...entry, id }))) return id;
      const there = await this.#contentOf(id);
      if (there === entry.content) return id;
      // One that has gone meanwhile was sent: its name is free here, and the branch tells whether it is free there.
      if (there !== null) id = nameApart(entry, digits++);
    }
  }

  async isEmpty(): Promise<boolean> {
    const names = await listNames(this.#folder);
    return !names.some((name) => name.endsWith('.json'));
  }

  async pending(): Promise<OutboxEntry[]> {
    const entries = [
      ...(await readJsonFolder<OutboxEntry>(this.#folder, ['id', 'content', 'subject', 'createdAt', 'commits'])).values(),
    ];
    return entries.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  }

  /**
   * Sends everything in one commit; again on a new tip while others move the branch, `tries` times. What the server refuses in
   * company is sent alone, so that one task that it does not take never keeps the others. `lastLookWillDo`: the clone was
   * brought up to date a moment ago, by whomever; if the branch has moved since, its lease says so. `onPush` is called before each push.
   */
  async flush(port: GitPort, branch: string, options: FlushOptions = {}): Promise<FlushOutcome> {
    const { tries = 8, lastLookWillDo = false, onPush } = options;
    const sent: string[] = [];
    const refused = new Set<string>();
    let alone = false;
    let cause: GitFailure = { kind: 'transient', message: 'the branch kept moving' };
    let fetch = !lastLookWillDo;
    for (let left = tries; left > 0; ) {
      const waiting = (await this.pending()).filter(({ id }) => !refused.has(id));
      if (waiting.length === 0) break;
      const look = await lookAtTip(port, branch, fetch);
      fetch = true;
      if ('cause' in look) return this.#tell(sent, look.cause);
      const settled = await this.#settle(port, look.tip, waiting, sent);
      const batch = alone ? settled.toSend.slice(0, 1) : settled.toSend;
      if (batch.length === 0) {
        if (settled.unclear === 0) continue;
        cause = { kind: 'transient', message: 'the history of the branch does not tell whether an earlier push arrived' };
        break;
      }
      onPush?.();
      const pushed = await this.#send(port, branch, look.tip, batch);
      if (pushed.state === 'accepted') {
        for (const entry of batch) await this.#remove(entry);
        sent.push(...batch.map(({ id }) => id));
      } else if (pushed.state === 'declined') {
        cause = pushed.cause;
        for (const { id } of alone || batch.length === 1 ? batch : []) refused.add(id);
        alone = true;
      } else {
        left--;
        if (pushed.state === 'unknown') cause = pushed.cause;
        if (pushed.state === 'unknown' && pushed.cause.kind !== 'transient') break;
      }
    }
    return this.#tell(sent, cause);
  }

  async #tell(sent: string[], cause: GitFailure): Promise<FlushOutcome> {
    const left = await this.pending();
    return left.length === 0 ? { ok: true, sent } : { ok: false, sent, pending: left.map(({ id }) => id), cause };
  }

  /** Takes out the entries that have arrived; gives back those to send, and counts those of which nobody can tell. */
  async #settle(
    port: GitPort,
    tip: string | null,
    entries: OutboxEntry[],
    sent: string[],
  ): Promise<{ toSend: OutboxEntry[]; unclear: number }> {
    const there = tip === null ? new Map<string, string>() : await taskFiles(port, tip);
    const toSend: OutboxEntry[] = [];
    let unclear = 0;
    for (const entry of entries) {
      const blob = there.get(`${entry.id}.md`);
      const same = blob !== undefined && blob === (await port.writeBlob(entry.content));
      const arrived = same || (await hasAny(port, tip, entry.commits));
      if (arrived === true) {
        await this.#remove(entry);
        sent.push(entry.id);
      } else if (arrived === null) unclear++;
      else toSend.push(blob === undefined ? entry : await this.#rename(entry));
    }
    return { toSend, unclear };
  }

  /** Another task took this id first: neither is lost, and the later one gets a name of its own. */
  async #rename(entry: OutboxEntry): Promise<OutboxEntry> {
    const renamed = { ...entry, id: nameApart(entry, SUFFIX_DIGITS), commits: [] };
    const id = await this.add(renamed);
    await this.#remove(entry);
    return { ...renamed, id };
  }

  async #send(port: GitPort, branch: string, tip: string | null, entries: OutboxEntry[]): Promise<Sent> {
    const changes: PathChange[] = [];
    for (const { id, content } of entries) changes.push({ path: taskPath(id), blob: await port.writeBlob(content) });
    const [only] = entries;
    const subject = entries.length === 1 && only ? only.subject : `add: ${entries.length} tasks`;
    const to = await commitOnTip(port, tip, changes, `${subject}\n`);
    for (const entry of entries) await this.#note(entry, [...entry.commits, to]);
    const outcome = await port.push([{ ref: branchRef(branch), to, expect: tip }]);
    const pushed = outcome.refs.get(branchRef(branch)) ?? { state: 'unknown' as const };
    // A commit with a definite answer need not be looked for again.
    if (pushed.state === 'rejected' || pushed.state === 'declined')
      for (const entry of entries) await this.#note(entry, entry.commits);
    switch (pushed.state) {
      case 'unknown':
        return { state: 'unknown', cause: outcome.cause ?? { kind: 'unreachable', message: 'the push had no definite answer' } };
      case 'declined':
        return { state: 'declined', cause: explainDeclined(pushed.reason, outcome.said) };
      case 'accepted':
      case 'rejected':
        return { state: pushed.state };
    }
  }

  /** Only into the very entry: a power cut may take the commits to look for, and never the task, which is at worst sent again. */
  async #note(entry: OutboxEntry, commits: string[]): Promise<void> {
    if ((await this.#contentOf(entry.id)) !== entry.content) return;
    await writeDurably(this.#path(entry.id), textOf({ ...entry, commits }), { sync: 'content' });
  }

  /** Only the very entry: what stands under its name by now, and says something else, has not been sent. */
  async #remove({ id, content }: OutboxEntry): Promise<void> {
    if ((await this.#contentOf(id)) === content) await removeDurably(this.#path(id));
  }

  /** The task that waits under an id; null where none does. A file that cannot be understood is another than any. */
  async #contentOf(id: string): Promise<unknown> {
    const text = await readIfThere(this.#path(id));
    return text === null ? null : (parseObject(text) as Partial<OutboxEntry> | null)?.content;
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}

function textOf(entry: OutboxEntry): string {
  return `${JSON.stringify(entry, null, 2)}\n`;
}

/** The id with so many digits of what its task says: the same for the same task. */
function nameApart({ id, content }: OutboxEntry, digits: number): string {
  const suffix = createHash('sha256').update(content).digest('hex').slice(0, digits);
  return `${id.slice(0, LONGEST_ID - 1 - digits)}-${suffix}`;
}

/** The branch's tip. A queue that has coordination refs has a branch: where that is absent, it is so for a moment, and is not started anew. */
async function lookAtTip(port: GitPort, branch: string, fetch: boolean): Promise<{ tip: string | null } | { cause: GitFailure }> {
  const fetched = fetch ? await port.fetch() : { ok: true as const };
  if (!fetched.ok) return fetched;
  const refs = await port.refs();
  const tip = refs.find((ref) => ref.name === branchRef(branch))?.oid ?? null;
  if (tip === null && refs.some(({ name }) => name.startsWith(COORDINATION))) {
    return {
      cause: { kind: 'refused', message: `the remote has no branch ${branch}: push it again, or make it with errand init` },
    };
  }
  return { tip };
}

/** Whether one of these commits is in the tip's history; null where nobody can tell. */
async function hasAny(port: GitPort, tip: string | null, commits: readonly string[]): Promise<boolean | null> {
  let unclear = false;
  for (const commit of commits) {
    const there = await isDescendant(port, tip, commit);
    if (there) return true;
    unclear ||= there === null;
  }
  return unclear ? null : false;
}

/** Blobs of the files in `tasks/`, by name. */
async function taskFiles(port: GitPort, tip: string): Promise<Map<string, string>> {
  const root = await readTree(port, (await readCommit(port, tip)).tree);
  const tasks = root.find((entry) => entry.name === 'tasks' && entry.mode === '40000');
  return new Map(tasks ? (await readTree(port, tasks.oid)).map(({ name, oid }) => [name, oid]) : []);
}
