import { backoffMs } from '../backoff.ts';
import type { Notification } from '../notification.ts';
import type { PublishOutcome } from '../ntfy/publish.ts';
import { nameOfKey, type OutboxEntry } from './entry.ts';
import { OutboxFolder } from './outbox-folder.ts';
import { SettledMemory } from './settled-memory.ts';

/** What happens to notifications, for logs. An outage and a refusal are told once, until everything was sent. */
export type OutboxEvent =
  | { type: 'sent'; key: string; id: string }
  | { type: 'failed'; text: string; retryInMs: number; pending: number }
  | { type: 'unauthorized'; text: string; retryInMs: number; pending: number }
  | { type: 'dropped'; key: string; text: string }
  | { type: 'trouble'; text: string };

export interface OutboxOptions {
  /** Made when first needed. Several processes may add and send; what two of them send at the same moment goes twice. */
  folder: string;
  /** One try to publish. */
  publish(notification: Notification): Promise<PublishOutcome>;
  clock: {
    /** Grows steadily, also while the machine sleeps. */
    elapsedMs(): number;
    wallMs(): number;
  };
  /** Numbers in [0, 1). */
  random(): number;
  onEvent(event: OutboxEvent): void;
  /** Once aborted, nothing more is sent and a failure is not told. */
  signal?: AbortSignal;
}

interface Waiting extends OutboxEntry {
  /** Elapsed ms at which it was a week old. */
  expiresAtMs: number;
  /** Whether its file was written: if it is gone again, another process settled it. */
  isOnDisk: boolean;
}

const DAY_MS = 86_400_000;
const KEEP_MS = 7 * DAY_MS;
const MAX_PENDING = 1000;
const BACKOFF = { firstMs: 5000, longestMs: 900_000 };
const UNAUTHORIZED_MS = 900_000;
/** A machine without a clock of its own starts in 1970: what it noted then says nothing of an age. */
const EARLIEST_CREDIBLE_MS = Date.UTC(2024, 0);

/**
 * Notifications on their way, as plain fsynced files: they outlive the process, wait for a server that is away, and are
 * sent oldest first, each key once a week at most. At-least-once at one point: if the answer to a publish is lost, or the
 * machine dies between the answer and the note of it, the notification is sent again, as the same `sequence_id`.
 * No method throws.
 */
export class NotificationOutbox {
  readonly #options: OutboxOptions;
  readonly #folder: OutboxFolder;
  readonly #settled: SettledMemory;
  readonly #pending = new Map<string, Waiting>();
  #opened: Promise<void> | null = null;
  #isOpen = false;
  #flushing: Promise<void> | null = null;
  /** Work on the disk goes one step at a time, so that a removal never overtakes the writing. */
  #disk: Promise<void> = Promise.resolve();
  #lastAddedAtMs = 0;
  #failures = 0;
  #notBefore = Number.NEGATIVE_INFINITY;
  /** Of the server: told once. */
  readonly #told = new Set<string>();
  /** Of the disk: told once each. */
  readonly #troubled = new Set<string>();

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#folder = new OutboxFolder(options.folder);
    this.#settled = new SettledMemory(this.#folder, KEEP_MS);
  }

  /** Keeps a notification until it is sent; ignores a key that waits already or was sent within a week. */
  async add(notification: Notification): Promise<void> {
    await this.#open();
    const name = nameOfKey(notification.key);
    const nowMs = this.#options.clock.wallMs();
    if (this.#pending.has(name) || this.#settled.has(name, nowMs)) return;
    this.#lastAddedAtMs = Math.max(nowMs, this.#lastAddedAtMs + 1);
    const entry = { notification, addedAtMs: this.#lastAddedAtMs };
    const waiting = this.#keep(name, entry);
    await this.#onDisk('keep a notification', async () => {
      await this.#folder.write(entry);
      waiting.isOnDisk = true;
    });
    await this.#dropBeyond(MAX_PENDING);
  }

  /** Sends what is due; resolves when nothing is left or the server has to be waited for. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  /** Elapsed ms at which `flush` has something to do, or null while nothing waits. */
  nextDueAt(): number | null {
    const nowMs = this.#options.clock.elapsedMs();
    // What an earlier process left is known only after a look.
    if (!this.#isOpen) return nowMs;
    return this.#pending.size === 0 ? null : Math.max(nowMs, this.#notBefore);
  }

  /** To be called when the address or the token has changed: the next flush tries at once, and tells what fails anew. */
  retryNow(): void {
    this.#failures = 0;
    this.#notBefore = Number.NEGATIVE_INFINITY;
    this.#told.clear();
  }

  async #flush(): Promise<void> {
    await this.#open();
    await this.#look();
    const { clock, signal } = this.#options;
    while (signal?.aborted !== true && clock.elapsedMs() >= this.#notBefore) {
      await this.#dropExpired();
      const oldest = this.#oldest();
      if (oldest === null) return this.retryNow();
      const [name, waiting] = oldest;
      if (waiting.isOnDisk && !(await this.#folder.holds(name))) this.#pending.delete(name);
      else await this.#send(name, waiting);
    }
  }

  async #send(name: string, { notification }: Waiting): Promise<void> {
    const outcome = await this.#publish(notification);
    switch (outcome.kind) {
      case 'sent':
        this.#failures = 0;
        this.#options.onEvent({ type: 'sent', key: notification.key, id: outcome.id });
        await this.#settle(name);
        break;
      case 'rejected':
        this.#failures = 0;
        await this.#drop(name, outcome.text);
        break;
      case 'unauthorized':
        this.#waitFor(UNAUTHORIZED_MS, outcome);
        break;
      case 'throttled':
      case 'unreachable':
        this.#failures += 1;
        this.#waitFor(backoffMs(this.#failures, BACKOFF, this.#options.random), outcome);
        break;
    }
  }

  async #publish(notification: Notification): Promise<PublishOutcome> {
    try {
      return await this.#options.publish(notification);
    } catch (error) {
      return { kind: 'unreachable', text: (error as Error).message };
    }
  }

  #waitFor(ms: number, { kind, text }: { kind: 'unauthorized' | 'throttled' | 'unreachable'; text: string }): void {
    if (this.#options.signal?.aborted === true) return;
    this.#notBefore = this.#options.clock.elapsedMs() + ms;
    const type = kind === 'unauthorized' ? 'unauthorized' : 'failed';
    if (this.#told.has(type)) return;
    this.#told.add(type);
    this.#options.onEvent({ type, text, retryInMs: ms, pending: this.#pending.size });
  }

  #open(): Promise<void> {
    this.#opened ??= this.#onDisk('read what was sent', () => this.#settled.load(this.#options.clock.wallMs()))
      .then(() => this.#look())
      .then(() => {
        this.#isOpen = true;
      });
    return this.#opened;
  }

  /** Takes in what an earlier process or another one left. */
  async #look(): Promise<void> {
    await this.#onDisk('read the outbox', async () => {
      const { entries, damaged } = await this.#folder.readEntries(this.#pending);
      for (const file of damaged)
        this.#tellTrouble(`${file} in the outbox holds no notification; it is set aside as ${file}.damaged`);
      for (const [name, entry] of entries) {
        // It went, and the process ended before it could take it out.
        if (this.#settled.has(name, this.#options.clock.wallMs())) await this.#folder.remove(name);
        else this.#keep(name, entry).isOnDisk = true;
      }
    });
    await this.#dropBeyond(MAX_PENDING);
  }

  #keep(name: string, entry: OutboxEntry): Waiting {
    const { clock } = this.#options;
    const agedMs = clock.wallMs() - entry.addedAtMs;
    const isCredible = entry.addedAtMs >= EARLIEST_CREDIBLE_MS && agedMs >= 0;
    const expiresAtMs = clock.elapsedMs() + KEEP_MS - (isCredible ? agedMs : 0);
    const waiting = { ...entry, expiresAtMs, isOnDisk: false };
    this.#pending.set(name, waiting);
    this.#lastAddedAtMs = Math.max(this.#lastAddedAtMs, entry.addedAtMs);
    return waiting;
  }

  #oldest(): [string, Waiting] | null {
    let oldest: [string, Waiting] | null = null;
    for (const [name, entry] of this.#pending) {
      if (oldest === null || entry.addedAtMs < oldest[1].addedAtMs) oldest = [name, entry];
    }
    return oldest;
  }

  async #dropExpired(): Promise<void> {
    const nowMs = this.#options.clock.elapsedMs();
    for (const [name, { expiresAtMs }] of [...this.#pending]) {
      if (nowMs >= expiresAtMs) await this.#drop(name, 'it could not be sent for a week');
    }
  }

  async #dropBeyond(most: number): Promise<void> {
    while (this.#pending.size > most) {
      const oldest = this.#oldest();
      if (oldest !== null) await this.#drop(oldest[0], `more than ${most} notifications wait, and it was the oldest`);
    }
  }

  async #drop(name: string, text: string): Promise<void> {
    const entry = this.#pending.get(name);
    if (entry === undefined) return;
    this.#options.onEvent({ type: 'dropped', key: entry.notification.key, text });
    await this.#settle(name);
  }

  /** Sent or dropped: the key is done with, in memory at once, whatever the disk does. */
  async #settle(name: string): Promise<void> {
    const nowMs = this.#options.clock.wallMs();
    this.#pending.delete(name);
    this.#settled.note(name, nowMs);
    await this.#onDisk('note what was sent', () => this.#settled.save(name, nowMs));
  }

  /** A disk that fails costs at most what a restart forgets; it is told once until a step succeeds again. */
  #onDisk(what: string, step: () => Promise<void>): Promise<void> {
    this.#disk = this.#disk.then(step).then(
      () => void this.#troubled.delete(what),
      (error: Error) => {
        if (!this.#troubled.has(what)) this.#tellTrouble(`cannot ${what}: ${error.message}; it is kept in memory meanwhile`);
        this.#troubled.add(what);
      },
    );
    return this.#disk;
  }

  #tellTrouble(text: string): void {
    this.#options.onEvent({ type: 'trouble', text });
  }
}
