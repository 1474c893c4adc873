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
/** Beats without an answer whose start is remembered. */
const KEPT_BEATS = 64;

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
  readonly #newNonce: () => string;
  /** The oid that I believe the ref has; undefined until a view told. */
  #current: string | null | undefined;
  #accepted = false;
  /** When the last accepted beat's push began; the lease is counted from here. */
  #acceptedAt = Number.NEGATIVE_INFINITY;
  /** When each beat's push began, by oid, for one that a view shows to have been applied. */
  #sentAt = new Map<string, number>();
  #idle = true;
  #news = false;
  #needsView = false;

  constructor(
    port: GitPort,
    memory: WorkerMemoryFile,
    clock: Clock,
    presence: () => Presence,
    lease: LeaseTimes,
    newNonce: () => string,
  ) {
    this.#port = port;
    this.#memory = memory;
    this.#clock = clock;
    this.#presence = presence;
    this.#lease = lease;
    this.#newNonce = newNonce;
  }

  /** True once a heartbeat of this boot was accepted: only then are claims made. */
  get accepted(): boolean {
    return this.#accepted;
  }

  /** Elapsed time at which the last accepted beat's push began. */
  get acceptedAt(): number {
    return this.#acceptedAt;
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
    if (!this.#accepted || this.#news || (running && this.#idle)) return this.#clock.elapsedMs();
    return this.#acceptedAt + this.#lease.heartbeatMs * (this.#idle ? IDLE_FACTOR : 1);
  }

  /** Learns from a view who holds the ref. `twinIsStale`: whoever beats under this name has stood still for a ttl. */
  settle(view: View, twinIsStale: boolean): 'mine' | 'twin' {
    this.#needsView = false;
    const there = view.workers.get(this.#presence().machine);
    // A heartbeat that this version cannot read is a newer errand's: as much somebody else's as any other.
    const unreadable = view.unreadable.get(workerRef(this.#presence().machine));
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
        this.#acceptedAt = Math.max(this.#acceptedAt, this.#sentAt.get(oid) ?? Number.NEGATIVE_INFINITY);
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

  #yield(): 'twin' {
    this.#accepted = false;
    this.#current = undefined;
    return 'twin';
  }

  /** Writes the next beat, remembers it, and gives the update to push; null while a twin holds the name. */
  async beat(runs: Heartbeat['runs'], state: 'running' | 'stopped' = 'running'): Promise<RefUpdate | null> {
    if (this.#current === undefined) return null;
    const factor = runs.length === 0 ? IDLE_FACTOR : 1;
    const body: Heartbeat = {
      schema: 1,
      ...this.#presence(),
      state,
      runs,
      interval_s: Math.ceil((this.#lease.heartbeatMs * factor) / 1000),
      ttl_s: Math.ceil((this.#lease.ttlMs * factor) / 1000),
      at: new Date(this.#clock.wallMs()).toISOString(),
      nonce: this.#newNonce(),
    };
    const subject = `${state}: ${this.#presence().machine} with ${runs.length} of ${this.#presence().slots} slots in use`;
    const to = await writeLoose(this.#port, subject, body);
    await this.#memory.rememberHeartbeat(to);
    this.#sentAt.set(to, this.#clock.elapsedMs());
    const [oldest] = this.#sentAt.keys();
    if (oldest !== undefined && this.#sentAt.size > KEPT_BEATS) this.#sentAt.delete(oldest);
    return { ref: workerRef(this.#presence().machine), to, expect: this.#current };
  }

  /** Takes in what became of a beat that was pushed. */
  pushed(update: RefUpdate, outcome: PushOutcome, runs: Heartbeat['runs']): void {
    const state = outcome.refs.get(update.ref)?.state;
    if (state === 'rejected') this.#needsView = true;
    if (state !== 'accepted' || update.to === null) return;
    this.#current = update.to;
    this.#accepted = true;
    this.#acceptedAt = this.#sentAt.get(update.to) ?? this.#acceptedAt;
    this.#sentAt = new Map([[update.to, this.#acceptedAt]]);
    this.#idle = runs.length === 0;
    this.#news = false;
  }
}
