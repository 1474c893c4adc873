import { parseHeartbeat, type Record as TaskRecord } from '@errand/task';
import { TORN_MS } from './line.ts';

/** What a task's file was from a moment on: its blob, or null while it was removed or finished. */
interface Stand {
  fromMs: number;
  blob: string | null;
}

/** What a worker is about to start. */
export interface Start {
  id: string;
  nonce: string;
  /** Of the task's file, as the worker knows it. */
  blob: string;
  /** Tasks that it depends on. */
  after: readonly string[];
}

/** What an agent may be started on: a claim that was accepted and is listed by a heartbeat, for what was open after that. */
export class Starts {
  readonly #stands = new Map<string, Stand[]>();
  readonly #claimedAt = new Map<string, number>();
  readonly #listed = new Set<string>();
  readonly #started = new Map<string, string>();
  readonly #everDone = new Set<string>();

  noteBranch(nowMs: number, tasks: ReadonlyMap<string, string>, results: ReadonlyMap<string, unknown>): void {
    for (const id of new Set([...tasks.keys(), ...this.#stands.keys()])) {
      const blob = results.has(id) ? null : (tasks.get(id) ?? null);
      const stands = this.#stands.get(id) ?? [];
      if (stands.length === 0 || stands.at(-1)?.blob !== blob) this.#stands.set(id, [...stands, { fromMs: nowMs, blob }]);
    }
  }

  noteDone(id: string): void {
    this.#everDone.add(id);
  }

  noteRecord(nowMs: number, { state, nonce }: TaskRecord): void {
    if (state === 'claimed' && !this.#claimedAt.has(nonce)) this.#claimedAt.set(nonce, nowMs);
  }

  noteHeartbeat(body: string): void {
    const beat = parseHeartbeat(body);
    if (beat.ok) for (const { nonce } of beat.value.runs) this.#listed.add(nonce);
  }

  /** An agent is started now. Why it must not be, or null. */
  judge(nowMs: number, machine: string, { id, nonce, blob, after }: Start): string | null {
    this.#started.set(nonce, machine);
    const claimedAt = this.#claimedAt.get(nonce);
    if (claimedAt === undefined) return `${machine} starts ${id}, whose claim was never accepted`;
    if (!this.#listed.has(nonce)) return `${machine} starts ${id}, which no heartbeat lists`;
    // A view may show the branch as it was a little before the claim that it shows.
    const since = claimedAt - TORN_MS;
    const stands = this.#stands.get(id) ?? [];
    const wasOpen = stands.some((one, at) => one.blob === blob && (stands[at + 1]?.fromMs ?? nowMs) >= since);
    const tooEarly = after.find((other) => !this.#everDone.has(other));
    if (tooEarly !== undefined) return `${machine} starts ${id} before ${tooEarly} was done`;
    return wasOpen ? null : `${machine} starts ${id}, which was finished, removed or edited before it was claimed`;
  }

  /** Whether a task was finished or removed at some time since this claim on it was accepted. */
  readonly wasClosed = (id: string, nonce: string): boolean => {
    const since = this.#claimedAt.get(nonce) ?? 0;
    const stands = this.#stands.get(id) ?? [];
    return stands.some(({ blob }, at) => blob === null && (stands[at + 1]?.fromMs ?? since) >= since);
  };

  wasEverClosed(id: string): boolean {
    return this.#stands.get(id)?.some(({ blob }) => blob === null) ?? false;
  }

  /** The machine that was to run this attempt, if any ever was. */
  startedBy(nonce: string): string | undefined {
    return this.#started.get(nonce);
  }
}
