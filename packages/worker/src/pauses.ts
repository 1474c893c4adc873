import { readIfThere, writeDurably } from '@errand/queue';

const LONGEST_PAUSE_MS = 9 * 86_400_000;

/** Why an agent is paused on this machine. */
export interface Pause {
  about: 'limit' | 'login';
  /** Wall clock, milliseconds. */
  untilMs: number;
  reason: string;
  /** When the trouble began: a pause that is prolonged is the same trouble. */
  sinceMs: number;
}

/** The agents that take no task on this machine for a while; kept over a restart. */
export class Pauses {
  readonly #path: string;
  #byAgent = new Map<string, Pause>();

  constructor(path: string) {
    this.#path = path;
  }

  /** What cannot be read is forgotten: the next attempt finds out again. */
  async load(): Promise<void> {
    try {
      const text = await readIfThere(this.#path);
      if (text !== null) this.#byAgent = new Map(Object.entries(JSON.parse(text) as { [agent: string]: Pause }));
    } catch {
      this.#byAgent = new Map();
    }
  }

  /** Pauses an agent, or prolongs its pause; true where this trouble is new. */
  async set(agent: string, pause: Omit<Pause, 'sinceMs'>, nowMs: number): Promise<boolean> {
    const before = this.#byAgent.get(agent);
    const isNew = before?.about !== pause.about;
    this.#byAgent.set(agent, { ...pause, sinceMs: isNew ? nowMs : before.sinceMs });
    await this.#write();
    return isNew;
  }

  /** The agent has worked, in an attempt that began at `startedMs`: a trouble from before is over. True where there was one. */
  async clear(agent: string, startedMs: number): Promise<boolean> {
    const pause = this.#byAgent.get(agent);
    if (pause === undefined || pause.sinceMs >= startedMs) return false;
    this.#byAgent.delete(agent);
    await this.#write();
    return true;
  }

  get(agent: string): Pause | null {
    return this.#byAgent.get(agent) ?? null;
  }

  /** Pauses that are not over, by agent. */
  active(nowMs: number): Map<string, { until: number; reason: string }> {
    // One that ends further away than any limit was made under a wrong clock.
    const active = [...this.#byAgent].filter(([, { untilMs }]) => untilMs > nowMs && untilMs - nowMs < LONGEST_PAUSE_MS);
    return new Map(active.map(([agent, { untilMs, reason }]) => [agent, { until: untilMs, reason }]));
  }

  /** A disk that is full costs the memory over a restart, no more. */
  async #write(): Promise<void> {
    await writeDurably(this.#path, `${JSON.stringify(Object.fromEntries(this.#byAgent))}\n`).catch(() => {});
  }
}
