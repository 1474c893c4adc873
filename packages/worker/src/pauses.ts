import { readIfThere, writeDurably } from '@errand/queue';

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

  /** The agent has worked. */
  async clear(agent: string): Promise<void> {
    if (this.#byAgent.delete(agent)) await this.#write();
  }

  get(agent: string): Pause | null {
    return this.#byAgent.get(agent) ?? null;
  }

  /** Pauses that are not over, by agent. */
  active(nowMs: number): Map<string, { until: number; reason: string }> {
    const active = [...this.#byAgent].filter(([, { untilMs }]) => untilMs > nowMs);
    return new Map(active.map(([agent, { untilMs, reason }]) => [agent, { until: untilMs, reason }]));
  }

  /** A disk that is full costs the memory over a restart, no more. */
  async #write(): Promise<void> {
    await writeDurably(this.#path, `${JSON.stringify(Object.fromEntries(this.#byAgent))}\n`).catch(() => {});
  }
}
