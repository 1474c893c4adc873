import type { Clock, View } from '@errand/planner';
import { type GitPort, type PushOutcome, type RefUpdate, type WorkerMemoryFile, workerRef, writeLoose } from '@errand/queue';
import type { Heartbeat } from '@errand/task';

/** What a heartbeat says besides its nonces. */
export interface Presence {
  machine: string;
  boot: string;
  version: string;
  slots: number;
  capabilities: string[];
  agents: Heartbeat['agents'];
  default_agent?: string;
  verify_lines?: string[];
}

export interface LeaseTimes {
  heartbeatMs: number;
  ttlMs: number;
}

/** An idle worker has nothing that could be rescued from it, so it beats this much more rarely. */
const IDLE_FACTOR = 5;
/** Beats without an answer that are remembered. */
const KEPT_BEATS = 64;

/** A beat that was pushed: since when it counts, and what it announced. Elapsed milliseconds. */
interface Sent {
  at: number;
  intervalMs: number;
  ttlMs: number;
}

/**
 * The one writer of `refs/errand/workers/<machine>`. It is forced only over an oid that this worker wrote; whether a beat
 * that had no definite answer was applied is settled by a view, never by text.
 *
 *   unknown ──view: absent, stopped, tombstone, mine──▶ free to beat ──accepted──▶ accepted
 *      └──view: anything else──▶ twin ──a ttl without change──▶ free to beat
 */
export class HeartbeatKeeper {
  readonly #port: GitPort;
  readonly #memory: WorkerMemoryFile;
  readonly #clock: Clock;
  readonly #presence: () => Presence;
  readonly #lease: LeaseTimes;
  /** By how much an interval is longer, 1 or more, where pushes are few. */
  readonly #stretch: (intervalMs: number, busy: boolean) => number;
  readonly #newNonce: () => string;
  /** The oid that I believe the ref has; undefined until a view told. */
  #current: string | null | undefined;
  #accepted = false;
  /** The last beat that was accepted; null before the first. */
  #last: Sent | null = null;
  /** It, and later ones that may have been applied, by oid. */
  #sent = new Map<string, Sent>();
  #idle = true;
  #news = false;
  #needsView = false;

  constructor(
    port: GitPort,
    memory: WorkerMemoryFile,
    clock: Clock,
    presence: () => Presence,
    lease: LeaseTimes,
    stretch: (intervalMs: number, busy: boolean) => number,
    newNonce: () => string,
  ) {
    this.#port = port;
    this.#memory = memory;
    this.#clock = clock;
    this.#presence = presence;
    this.#lease = lease;
    this.#stretch = stretch;
    this.#newNonce = newNonce;
  }

  /** True once a heartbeat of this boot was accepted: only then are claims made. */
  get accepted(): boolean {
    return this.#accepted;
  }

  /**
   * The lease as the others may see it: when the push of its beat began, elapsed milliseconds, and the ttl that this beat announced. One
   * without an answer may be the one that they see, so of all that may be, it is the one that ends first. Long over before the first.
   */
  get lease(): { sinceMs: number; ttlMs: number } {
    if (this.#last === null) return { sinceMs: Number.NEGATIVE_INFINITY, ttlMs: this.#lease.ttlMs };
    const first = [...this.#sent.values()].reduce((a, b) => (b.at + b.ttlMs < a.at + a.ttlMs ? b : a), this.#last);
    return { sinceMs: first.at, ttlMs: first.ttlMs };
  }

  /** How much of the lease is over: 0 just after a beat, 1 at the ttl. */
  get spent(): number {
    const { sinceMs, ttlMs } = this.lease;
    return (this.#clock.elapsedMs() - sinceMs) / ttlMs;
  }

  /** The ref was not what the last beat expected: until a view shows what it is, every beat would be refused. */
  get needsView(): boolean {
    return this.#needsView;
  }

  /** What it says has changed: the next beat is due now. */
  noteNews(): void {
    this.#news = true;
  }

  /** When the next beat is due, in elapsed milliseconds. */
  dueAt(running: boolean): number {
    if (this.#last === null || !this.#accepted || this.#news || (running && this.#idle)) return this.#clock.elapsedMs();
    return this.#last.at + this.#last.intervalMs;
  }

  /** Learns from a view who holds the ref. `twinIsStale`: whoever beats under this name has stood still for a ttl. */
  settle(view: View, twinIsStale: boolean): 'mine' | 'twin' {
    this.#needsView = false;
    const there = view.workers.get(this.#presence().machine);
    // A heartbeat that this version cannot read is a newer errand's: as much somebody else's as any other, but for one that became too long.
    const unreadable = view.unreadable.get(workerRef(this.#presence().machine));
    if (unreadable && this.#memory.isMyHeartbeat(unreadable.oid)) {
      this.#current = unreadable.oid;
      return 'mine';
    }
    if (unreadable) return this.#yield();
    if (!there) {
      this.#current = null;
      return 'mine';
    }
    const { oid, value } = there;
    if (this.#memory.isMyHeartbeat(oid)) {
      this.#current = oid;
      if (value.boot === this.#presence().boot && value.state === 'running') {
        this.#accepted = true;
        const seen = this.#sent.get(oid);
        if (seen !== undefined) this.#noteAccepted(seen);
      }
      return 'mine';
    }
    this.#accepted = false;
    if (value.state !== 'running' || twinIsStale) {
      this.#current = oid;
      return 'mine';
    }
    return this.#yield();
  }

  /** What was sent before it cannot be applied any more. */
  #noteAccepted(beat: Sent): void {
    this.#last = beat;
    this.#sent = new Map([...this.#sent].filter(([, { at }]) => at >= beat.at));
  }

  #yield(): 'twin' {
    this.#accepted = false;
    this.#current = undefined;
    return 'twin';
  }

  /** Writes the next beat, remembers it, and gives the update to push; null while a twin holds the name. */
  async beat(runs: Heartbeat['runs'], state: 'running' | 'stopped' = 'running'): Promise<RefUpdate | null> {
    if (this.#current === undefined) return null;
    const busy = runs.length > 0;
    const rarer = busy ? 1 : IDLE_FACTOR;
    const factor = rarer * this.#stretch(this.#lease.heartbeatMs * rarer, busy);
    const [intervalMs, ttlMs] = [this.#lease.heartbeatMs * factor, this.#lease.ttlMs * factor];
    const body: Heartbeat = {
      schema: 1,
      ...this.#presence(),
      state,
      runs,
      interval_s: Math.ceil(intervalMs / 1000),
      ttl_s: Math.ceil(ttlMs / 1000),
      at: new Date(this.#clock.wallMs()).toISOString(),
      nonce: this.#newNonce(),
    };
    const subject = `${state}: ${this.#presence().machine} with ${runs.length} of ${this.#presence().slots} slots in use`;
    const to = await writeLoose(this.#port, subject, body);
    await this.#memory.rememberHeartbeat(to);
    this.#sent.set(to, { at: this.#clock.elapsedMs(), intervalMs, ttlMs });
    const [oldest] = this.#sent.keys();
    if (oldest !== undefined && this.#sent.size > KEPT_BEATS) this.#sent.delete(oldest);
    return { ref: workerRef(this.#presence().machine), to, expect: this.#current };
  }

  /** Takes in what became of a beat that was pushed. */
  pushed(update: RefUpdate, outcome: PushOutcome, runs: Heartbeat['runs']): void {
    const state = outcome.refs.get(update.ref)?.state;
    if (state === 'rejected') this.#needsView = true;
    if (update.to !== null && (state === 'rejected' || state === 'declined')) this.#sent.delete(update.to);
    if (state !== 'accepted' || update.to === null) return;
    this.#current = update.to;
    this.#accepted = true;
    const sent = this.#sent.get(update.to);
    if (sent !== undefined) this.#noteAccepted(sent);
    this.#idle = runs.length === 0;
    this.#news = false;
  }
}
