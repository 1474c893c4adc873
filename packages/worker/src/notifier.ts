import type { NtfySettings } from '@errand/config';
import { buildNotification, type NotificationOutbox, type Occasion } from '@errand/notify';
import type { Clock } from '@errand/planner';
import { parseTask, type Result, resultPath, sumCosts, taskPath } from '@errand/task';
import type { WorkerEvent } from './events.ts';

/** Tells people of what became true in the queue; never fails a task, and never holds one up for longer than a file takes. */
export interface Notifier {
  /** A result of this worker's is recorded. Kept on disk when it resolves; never rejects. */
  finished(result: Result): Promise<void>;
  /** What people must look at, or hear of, among everything that happens. */
  hear(event: WorkerEvent): void;
  /** One last try to send what waits, `withinMs` at most; the rest is sent after the next start. */
  close(withinMs: number): Promise<void>;
}

/** Where nobody is to be told. */
export const silentNotifier: Notifier = { finished: async () => {}, hear: () => {}, close: async () => {} };

export interface NotifierOptions {
  machine: string;
  ntfy: Pick<NtfySettings, 'topic' | 'click' | 'priorities'>;
  outbox: NotificationOutbox;
  clock: Clock;
}

/** Notifications through an outbox on disk, which this sends from whenever something is due. */
export class NtfyNotifier implements Notifier {
  readonly #options: NotifierOptions;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: NotifierOptions) {
    this.#options = options;
    // What an earlier boot left is sent now.
    this.#send();
  }

  async finished(result: Result): Promise<void> {
    await this.#add(describeFinished(result));
  }

  hear(event: WorkerEvent): void {
    const occasion = describeEvent(event, this.#options.machine, new Date(this.#options.clock.wallMs()));
    if (occasion !== null) void this.#add(occasion);
  }

  async close(withinMs: number): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs);
    });
    await Promise.race([this.#options.outbox.flush(), enough]);
    clearTimeout(timer);
  }

  async #add(occasion: Occasion): Promise<void> {
    const { outbox, ntfy } = this.#options;
    const notification = buildNotification(occasion, ntfy);
    if (notification === null) return;
    await outbox.add(notification);
    this.#send();
  }

  #send(): void {
    clearTimeout(this.#timer);
    void this.#options.outbox.flush().then(() => this.#sendLater());
  }

  #sendLater(): void {
    const dueAt = this.#options.outbox.nextDueAt();
    if (this.#closed || dueAt === null) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(), Math.max(0, dueAt - this.#options.clock.elapsedMs())).unref();
  }
}

function describeFinished(result: Result): Occasion {
  const { id, nonce, state, answer, finished_at: finishedAt, attempts, taskText } = result;
  const parsed = parseTask(taskPath(id), new TextEncoder().encode(taskText));
  const last = attempts.at(-1);
  const tookMs = last?.started_at === undefined ? Number.NaN : Date.parse(last.ended_at) - Date.parse(last.started_at);
  const cost = sumCosts(attempts);
  return {
    kind: 'finished',
    id,
    nonce,
    title: parsed.ok ? parsed.value.title : id,
    state,
    worker: last?.worker ?? 'unknown',
    ...(last && { outcome: last.outcome }),
    ...(last?.tier && { tier: last.tier }),
    ...(tookMs >= 0 && { tookMs }),
    ...(cost && { costUsd: cost.usd }),
    answer: state === 'done' || last?.cause === undefined ? answer : `${last.cause}\n\n${answer}`,
    resultPath: resultPath(id, finishedAt),
  };
}

function describeEvent(event: WorkerEvent, by: string, today: Date): Occasion | null {
  switch (event.type) {
    case 'rescued':
      if (event.reason !== 'stale' && event.reason !== 'absent') return null;
      return { kind: 'dead-worker', machine: event.machine, ids: event.ids, by, staleOid: event.heartbeat ?? dayOf(today) };
    case 'paused': {
      if (event.about !== 'login' || event.again) return null;
      const text = `${event.reason}\n\nLog in again on ${by}, or put a new key where its configuration reads it: that is noticed within a poll. Until then its tasks wait or go to other machines.`;
      return {
        kind: 'attention',
        about: 'login',
        key: `${by} ${event.agent} ${event.until}`,
        title: `${event.agent} has no login on ${by}`,
        text,
      };
    }
    case 'invalid': {
      const [first] = event.problems;
      const text = event.problems.map(({ line, message, hint }) => `Line ${line}: ${message}. ${hint ?? ''}`.trim()).join('\n');
      const key = `${event.path} ${event.blob}`;
      return {
        kind: 'attention',
        about: 'invalid-file',
        key,
        title: `${first?.path ?? event.path} cannot be run`,
        text,
        path: event.path,
      };
    }
    case 'moved-back':
      return {
        kind: 'attention',
        about: 'moved-back',
        key: event.ids.join(' '),
        title: 'The queue was moved back',
        text: event.text,
      };
    case 'twin':
      return {
        kind: 'attention',
        about: 'twin',
        key: `${by} ${dayOf(today)}`,
        title: `Two workers are called ${event.machine}`,
        text: event.text,
      };
    case 'refused':
      return {
        kind: 'attention',
        about: 'refused',
        key: `${by} ${event.ids.join(' ')} ${dayOf(today)}`,
        title: `The git server refuses a push of ${by}`,
        text: event.text,
      };
    default:
      return null;
  }
}

/** A trouble that lasts is told once a day. */
const dayOf = (today: Date): string => today.toISOString().slice(0, 10);
