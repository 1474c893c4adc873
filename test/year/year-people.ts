import { Buffer } from 'node:buffer';
import { type Heartbeat, renderBody } from '@errand/task';
import type { BareRepository } from '@errand/testing';
import type { YearClock } from './year-clock.ts';

const BEATS_AT_ONCE = 12;

/** Whoever else pushes to the queue: a person, and a laptop that beats by day and runs nothing. */
export class YearPeople {
  readonly #repository: BareRepository;
  readonly #clock: YearClock;
  #beats = 0;

  constructor(repository: BareRepository, clock: YearClock) {
    this.#repository = repository;
    this.#clock = clock;
  }

  /** A commit on the branch. */
  async commit(files: { [path: string]: string }): Promise<void> {
    const there = (await this.#repository.resolve('refs/heads/main')) !== null;
    const lines = [this.#head('refs/heads/main', 'add'), there ? 'from refs/heads/main^0\n' : ''];
    for (const [path, text] of Object.entries(files)) lines.push(`M 100644 inline ${path}\n${data(text)}`);
    await this.#import(lines);
  }

  /** Some heartbeats of the laptop, the last of them as told: a commit without a parent each, which leaves the one before it to nobody. */
  async beat(last: Heartbeat['state']): Promise<void> {
    const ref = 'refs/errand/workers/laptop';
    const lines = Array.from({ length: BEATS_AT_ONCE }, (_, n) => {
      this.#beats += 1;
      const state = n === BEATS_AT_ONCE - 1 ? last : 'running';
      return `reset ${ref}\n\n${this.#head(ref, renderBody(`${state}: laptop`, this.#heartbeat(state)))}`;
    });
    await this.#import(lines);
  }

  #heartbeat(state: Heartbeat['state']): Heartbeat {
    const at = new Date(this.#clock.wallMs()).toISOString();
    const nonce = `01KAB3Z0T9M6Y4V1Q8E7L${String(this.#beats).padStart(5, '0')}`;
    const presence = { slots: 1, capabilities: [], agents: {}, version: '0.1.0' };
    const lease = { interval_s: 3_600, ttl_s: 172_800 };
    return { schema: 1, machine: 'laptop', boot: 'boot-laptop', state, runs: [], ...presence, ...lease, at, nonce };
  }

  #head(ref: string, message: string): string {
    return `commit ${ref}\ncommitter Ada <ada@localhost> ${Math.floor(this.#clock.wallMs() / 1000)} +0000\n${data(message)}`;
  }

  async #import(lines: readonly string[]): Promise<void> {
    await this.#repository.gitWith(lines.join(''), 'fast-import', '--quiet', '--force');
  }
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
