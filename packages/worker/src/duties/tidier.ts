import { firstByRendezvous, type ResultFile, type View } from '@errand/planner';
import { branchRef, commitOnTip, type PathChange, readBlob } from '@errand/queue';
import { parseResult, readResultHead, taskIdOfPath, taskPath } from '@errand/task';
import type { WorkerContext } from '../context.ts';
import type { Duty } from './duty.ts';

const EVERY_MS = 60 * 60_000;
/** A queue that is busier than a hundred tasks an hour has more to tidy than one commit takes. */
const MORE_MS = 60_000;
const FILES_PER_COMMIT = 100;
/** Results that are brought in one request; a queue that was never tidied has years of them. */
const READ_AT_ONCE = 500;
const DECLINED_BACKOFF_MS = 60_000;
const DAY_MS = 24 * 60 * 60_000;

/**
 * The one place where a worker touches people's files: some time after it finished, a task's file is removed, since its text
 * is in the result; and when that result is removed later, which asks for a retry, the file is put back from it.
 */
export class Tidier implements Duty {
  readonly name = 'tidy';
  readonly pushes = true;
  readonly #worker: WorkerContext;
  #dueAt = Number.NEGATIVE_INFINITY;
  /** Blobs of removed results from which no task can be restored, as long as that is asked for; said once. */
  #hopeless: ReadonlySet<string> = new Set();
  /** Blobs of new texts under old ids, by id; said once. */
  readonly #reused = new Map<string, string>();
  /** After the server refused a commit. */
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor(worker: WorkerContext) {
    this.#worker = worker;
  }

  async tend(view: View): Promise<void> {
    if (!this.#worker.claiming || this.#worker.clock.elapsedMs() < this.#notBefore) return;
    const restored = await this.#restore(view);
    if (restored.length > 0) return this.#commit(view, restored, `restore: ${describe(restored.length)}, to be run again`);
    const { clock, queue, observations, machine } = this.#worker;
    if (queue.config.tidy === 'never' || clock.elapsedMs() < this.#dueAt) return;
    this.#dueAt = clock.elapsedMs() + EVERY_MS;
    if ((firstByRendezvous(view, observations, 'tidy') ?? machine.machine) !== machine.machine) return;
    const tidied = await this.#findTidyable(view, queue.config.tidy);
    if (tidied.length === FILES_PER_COMMIT) this.#dueAt = clock.elapsedMs() + MORE_MS;
    if (tidied.length > 0) await this.#commit(view, tidied, `tidy: ${describe(tidied.length)}, finished long ago`);
  }

  async #restore(view: View): Promise<PathChange[]> {
    const { queue, toRestore, emit } = this.#worker;
    const changes: PathChange[] = [];
    const asked = [...toRestore].filter(([id]) => !view.tasks.has(id) && !view.results.has(id));
    const hopeless = new Set(asked.flatMap(([, blob]) => (this.#hopeless.has(blob) ? [blob] : [])));
    this.#hopeless = hopeless;
    const batch = asked.filter(([, blob]) => !hopeless.has(blob)).slice(0, FILES_PER_COMMIT);
    const fetched = await this.#fetchMissing(batch.map(([, blob]) => blob));
    for (const [id, blob] of batch) {
      const object = await queue.port.read(blob);
      // Only what the remote does not have either is gone: else the next view asks again.
      if (object === null && !fetched) continue;
      const result = object && parseResult(`results/${id}.md`, object.content.toString('utf8'));
      if (!result?.ok || result.value.taskText === '') {
        hopeless.add(blob);
        const text = `the result of ${id} was removed to run it again, but its task's text cannot be read from it: write tasks/${id}.md anew`;
        emit({ type: 'trouble', duty: this.name, text });
        continue;
      }
      changes.push({ path: taskPath(id), blob: await queue.port.writeBlob(result.value.taskText) });
    }
    return changes;
  }

  /** Finished so long ago, by the result's day, and not edited since: an edited file is a person's business. */
  async #findTidyable(view: View, tidyMs: number): Promise<PathChange[]> {
    const { clock } = this.#worker;
    const old = [...view.results.values()].filter(
      ({ id, path }) => view.tasks.has(id) && clock.wallMs() - endOfDay(path) >= tidyMs,
    );
    const changes: PathChange[] = [];
    for (const [index, file] of old.entries()) {
      if (changes.length === FILES_PER_COMMIT) break;
      if (index % READ_AT_ONCE === 0) await this.#fetchMissing(old.slice(index, index + READ_AT_ONCE).map(({ blob }) => blob));
      const ran = await this.#ran(file);
      if (ran === view.tasks.get(file.id)?.blob) changes.push({ path: taskPath(file.id), blob: null });
      else if (ran !== null) this.#tellReused(view, file);
    }
    return changes;
  }

  /** A new text under an old id is never run silently as the old one, nor silently not run. */
  #tellReused(view: View, { id, path: result }: ResultFile): void {
    const task = view.tasks.get(id);
    if (!task || this.#reused.get(id) === task.blob) return;
    this.#reused.set(id, task.blob);
    const message = `\`${id}\` finished long ago (${result}), and this is another text`;
    const hint = `Rename it, or errand retry ${id}.`;
    const problem = { path: task.path, line: 1, column: 1, code: 'id-finished', message, hint };
    this.#worker.emit({ type: 'invalid', path: task.path, blob: task.blob, problems: [problem] });
  }

  /** In one request, not one by one; false where it broke off. */
  async #fetchMissing(blobs: readonly string[]): Promise<boolean> {
    const { port } = this.#worker.queue;
    const missing: string[] = [];
    for (const blob of blobs) if ((await port.read(blob)) === null) missing.push(blob);
    return missing.length === 0 || (await port.fetchBlobs(missing)).ok;
  }

  /** The blob of the task file that a result is about. */
  async #ran(file: ResultFile): Promise<string | null> {
    const content = await readBlob(this.#worker.queue.port, file.blob);
    const head = content ? readResultHead(file.path, content.toString('utf8')) : null;
    return head?.ok ? head.value.task : null;
  }

  async #commit(view: View, changes: readonly PathChange[], subject: string): Promise<void> {
    const { queue, pusher, wakeups, clock, emit } = this.#worker;
    const to = await commitOnTip(queue.port, view.tip, changes, `${subject}\n`);
    const outcome = await pusher.push('tidy', [{ ref: branchRef(queue.branch), to, expect: view.tip }]);
    const pushed = outcome.refs.get(branchRef(queue.branch));
    if (pushed?.state === 'declined') {
      this.#notBefore = clock.elapsedMs() + DECLINED_BACKOFF_MS;
      const ids = changes.map(({ path }) => taskIdOfPath(path) ?? path);
      emit({ type: 'refused', ids, text: `the server refused to ${subject} (${pushed.reason}); it is tried again in a minute` });
    } else wakeups.now();
  }
}

/** Milliseconds since 1970 at the end of the day in `results/<YYYY-MM-DD>/…`; never, where it is no day. */
function endOfDay(path: string): number {
  const start = Date.parse(path.split('/')[1] ?? '');
  return Number.isNaN(start) ? Number.POSITIVE_INFINITY : start + DAY_MS;
}

function describe(count: number): string {
  return count === 1 ? 'one task file' : `${count} task files`;
}
