import type { Observations, View } from '@errand/planner';
import type { GitFailure, Queue } from '@errand/queue';
import { describeOpenTasks, type TaskLine } from '../status-report.ts';
import type { AttemptLogs, LogLines } from './attempt-logs.ts';
import { type FollowOptions, followQueue, type Sight } from './follow-queue.ts';
import { runsCommand } from './runs-command.ts';
import { withoutCountdown } from './without-countdown.ts';

/** What is new of a task that somebody follows. */
export type TaskNews =
  /** Its id was taken by another task before it arrived: it has another one. */
  | { type: 'renamed'; id: string }
  /** It waits in this machine's outbox. */
  | { type: 'unsent'; cause: GitFailure }
  /** `isCommand`: no model carries it out, and its tier means nothing. */
  | { type: 'state'; task: TaskLine; isCommand: boolean }
  /** Its file was removed while a worker had it: that one ends the attempt. */
  | { type: 'being-cancelled'; worker: string }
  | { type: 'away'; cause: GitFailure }
  | { type: 'back' }
  | ({ type: 'log' } & LogLines)
  | { type: 'ended'; end: TaskEnd };

/** How the following ended. */
export type TaskEnd =
  /** It has a result in this view. */
  | { kind: 'finished'; view: View }
  /** Its file is gone and it has no result. `last`: what was last seen of it, null where it never was. */
  | { kind: 'removed'; view: View; last: TaskLine | null }
  /** The queue could not be read for too long. */
  | { kind: 'out-of-sight'; cause: GitFailure; awayMs: number };

/** So long somebody goes on waiting for a queue that does not answer, milliseconds. */
export const PATIENCE_MS = 10 * 60_000;

interface TaskFollowOptions extends FollowOptions {
  id: string;
  /** The file, where it was filed a moment ago: who took its id first is told from it. */
  filed?: string;
  /** Its attempts on this machine. */
  logs: AttemptLogs;
  patienceMs?: number;
}

/** Tells what becomes of a task until it has ended; ends without news of an end where the signal comes first. */
export async function* followTask(queue: Queue, options: TaskFollowOptions): AsyncGenerator<TaskNews, void> {
  const { logs, signal } = options;
  const own = new AbortController();
  const sights = followQueue(queue, { ...options, signal: AbortSignal.any([signal, own.signal]) });
  const teller = new Teller(queue, options);
  const nextSight = async () => ({ from: 'queue' as const, step: await sights.next() });
  const nextLines = async () => {
    await logs.changed();
    return { from: 'logs' as const };
  };
  let sight = nextSight();
  let lines = nextLines();
  try {
    for (;;) {
      const next = await Promise.race([sight, lines]);
      if (next.from === 'logs') {
        yield* readLogs(logs);
        lines = nextLines();
        continue;
      }
      if (next.step.done) return;
      const news = await teller.tell(next.step.value);
      // What an attempt said comes before what became of it.
      yield* readLogs(logs);
      yield* news;
      if (news.some(({ type }) => type === 'ended' || type === 'renamed')) return;
      sight = nextSight();
    }
  } finally {
    own.abort();
    logs.close();
  }
}

async function* readLogs(logs: AttemptLogs): AsyncGenerator<TaskNews, void> {
  for await (const lines of logs.read()) yield { type: 'log', ...lines };
}

/** Holds one look against the one before. */
class Teller {
  readonly #queue: Queue;
  readonly #id: string;
  readonly #filed: string | null;
  readonly #patienceMs: number;
  #isFirst = true;
  #observations: Observations | null = null;
  #last: TaskLine | null = null;
  #told = '';
  #isAway = false;

  constructor(queue: Queue, { id, filed, patienceMs }: TaskFollowOptions) {
    this.#queue = queue;
    this.#id = id;
    this.#filed = filed ?? null;
    this.#patienceMs = patienceMs ?? PATIENCE_MS;
  }

  async tell(sight: Sight): Promise<TaskNews[]> {
    if (sight.kind === 'away') return this.#tellAway(sight);
    const back: TaskNews[] = this.#isAway ? [{ type: 'back' }] : [];
    this.#isAway = false;
    return [...back, ...(await this.#tellTask(sight))];
  }

  #tellAway({ cause, awayMs }: Extract<Sight, { kind: 'away' }>): TaskNews[] {
    if (awayMs >= this.#patienceMs) return [{ type: 'ended', end: { kind: 'out-of-sight', cause, awayMs } }];
    if (this.#isAway) return [];
    this.#isAway = true;
    return [{ type: 'away', cause }];
  }

  async #tellTask({ view, unsent }: Extract<Sight, { kind: 'seen' }>): Promise<TaskNews[]> {
    const id = this.#id;
    const { entries, cause } = unsent;
    const isSent = entries.every((entry) => entry.id !== id);
    if (this.#isFirst && isSent) {
      this.#isFirst = false;
      const renamed = this.#filed === null ? null : await this.#findRenamed(view, this.#filed);
      if (renamed !== null) return [{ type: 'renamed', id: renamed }];
    }
    if (!isSent && this.#last === null) {
      return this.#once('unsent', { type: 'unsent', cause: cause ?? { kind: 'transient', message: 'the branch kept moving' } });
    }
    if (view.results.has(id)) return [{ type: 'ended', end: { kind: 'finished', view } }];
    if (view.tasks.has(id)) return this.#tellOpen(view);
    const worker = await findOwner(view, id);
    if (worker !== null) return this.#once(`being-cancelled ${worker}`, { type: 'being-cancelled', worker });
    return [{ type: 'ended', end: { kind: 'removed', view, last: this.#last } }];
  }

  /** Whose id was taken while it was on its way gets that id with a suffix, and keeps its text. */
  async #findRenamed({ tasks }: View, filed: string): Promise<string | null> {
    const blob = await this.#queue.port.writeBlob(filed);
    if (tasks.get(this.#id)?.blob === blob) return null;
    const stem = `${this.#id.slice(0, 75)}-`;
    return [...tasks.values()].find((task) => task.blob === blob && task.id.startsWith(stem))?.id ?? null;
  }

  async #tellOpen(view: View): Promise<TaskNews[]> {
    const { noObservations, observe } = await import('@errand/planner');
    this.#observations = observe(this.#observations ?? noObservations, view);
    const open = await describeOpenTasks(this.#queue, view, undefined, this.#observations);
    const task = open.find(({ id }) => id === this.#id);
    if (!task) return [];
    this.#last = task;
    const { state, attempt, worker, reason } = task;
    const isCommand = runsCommand(view, this.#id, worker);
    return this.#once(`${state} ${attempt} ${worker} ${withoutCountdown(reason)}`, { type: 'state', task, isCommand });
  }

  #once(what: string, news: TaskNews): TaskNews[] {
    if (this.#told === what) return [];
    this.#told = what;
    return [news];
  }
}

/** The worker that is online and has a claim on a task, or its parked result; null where there is none. */
async function findOwner(view: View, id: string): Promise<string | null> {
  const record = view.records.get(id)?.value;
  if (record === undefined || record.state === 'waiting') return null;
  if (record.state === 'parked') return record.worker;
  const { isOnline } = await import('@errand/planner');
  const heartbeat = view.workers.get(record.worker)?.value;
  return heartbeat !== undefined && isOnline(heartbeat, Date.now()) ? record.worker : null;
}
