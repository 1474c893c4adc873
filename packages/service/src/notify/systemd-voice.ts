import { Liveness } from './liveness.ts';
import type { SendToSystemd } from './send-to-systemd.ts';

export interface VoiceOptions {
  send: SendToSystemd;
  /** Within this time systemd must hear of the worker, milliseconds; null: it does not watch. */
  watchdogMs: number | null;
  /** Milliseconds that stand still while the machine sleeps, as systemd counts them. */
  nowMs?: () => number;
}

/** Where nobody watches, a loop that does nothing for so long is still not said to be starting. */
const PATIENCE_MS = 5 * 60_000;
const START_WORD_MS = 60_000;
/** A word in three may be lost or late. */
const WORDS_PER_WATCHDOG = 3;
const WORDS_PER_EXTENSION = 3;
const MARGIN_MS = 60_000;

/**
 * What the worker tells systemd: that it is ready, that its loop goes on, what it does, that it stops. The loop that stands still is
 * not vouched for, whether the event loop is blocked (then no timer fires) or it waits for what never comes.
 */
export class SystemdVoice {
  readonly #send: SendToSystemd;
  readonly #isWatched: boolean;
  readonly #liveness: Liveness;
  readonly #everyMs: number;
  #phase: 'starting' | 'ready' | 'stopping' = 'starting';
  #timer: NodeJS.Timeout;
  #status = '';
  #lastWord: Promise<void> = Promise.resolve();

  constructor({ send, watchdogMs, nowMs = () => performance.now() }: VoiceOptions) {
    this.#send = send;
    this.#isWatched = watchdogMs !== null;
    this.#liveness = new Liveness(watchdogMs ?? PATIENCE_MS, nowMs);
    this.#everyMs = Math.min(START_WORD_MS, (watchdogMs ?? PATIENCE_MS) / WORDS_PER_WATCHDOG);
    this.#timer = setInterval(() => this.#vouch(), this.#everyMs);
    this.#timer.unref();
    this.#vouch();
  }

  /** The loop has done something. */
  step(): void {
    this.#liveness.step();
  }

  /** The loop does nothing for so long, milliseconds. */
  rest(forMs: number): void {
    this.#liveness.rest(forMs);
  }

  /** It has looked at the queue. Said once. */
  ready(status: string): void {
    if (this.#phase !== 'starting') {
      this.status(status);
      return;
    }
    this.#phase = 'ready';
    this.#status = status;
    void this.#say('READY=1', `STATUS=${oneLine(status)}`);
    if (!this.#isWatched) this.#silence();
  }

  /** What it does, a line for people. Said where it is new. */
  status(status: string): void {
    if (status === this.#status) return;
    this.#status = status;
    void this.#say(`STATUS=${oneLine(status)}`);
  }

  /** It stops, and may take so long, milliseconds. */
  stopping(withinMs: number, status: string): void {
    if (this.#phase === 'stopping') return;
    this.#phase = 'stopping';
    this.#silence();
    void this.#say('STOPPING=1', `EXTEND_TIMEOUT_USEC=${usec(withinMs + MARGIN_MS)}`, `STATUS=${oneLine(status)}`);
  }

  /** Says nothing more; resolves when the last word is out. */
  close(): Promise<void> {
    this.#silence();
    return this.#lastWord;
  }

  #vouch(): void {
    const overdueMs = this.#liveness.overdueMs();
    if (overdueMs !== null) this.status(`hangs: its loop should have been heard of ${Math.round(overdueMs / 1000)} s ago`);
    else if (this.#phase === 'starting') void this.#say(`EXTEND_TIMEOUT_USEC=${usec(this.#everyMs * WORDS_PER_EXTENSION)}`);
    else if (this.#isWatched) void this.#say('WATCHDOG=1');
  }

  #silence(): void {
    clearInterval(this.#timer);
  }

  /** One at a time, in the order in which they were said. */
  #say(...assignments: string[]): Promise<void> {
    this.#lastWord = this.#lastWord.then(() => this.#send(assignments));
    return this.#lastWord;
  }
}

function usec(ms: number): number {
  return Math.round(ms * 1000);
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would end the assignment or break the line of `systemctl status`
  return text.replaceAll(/[\x00-\x1f\x7f]+/g, ' ').slice(0, 200);
}
