import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Person } from '@errand/testing';
import type { Stage } from './stage.ts';

interface Pace {
  /** Between a person's pull and their push, milliseconds. */
  handMs: number;
  /** Between two of their commits: nobody has something to say all the time. */
  restMs: number;
}

const UNHURRIED: Pace = { handMs: 500, restMs: 3_000 };

/** A person with a checkout who pulls, and half a second later commits and pushes; every few seconds, until told to end. */
export class HandPusher {
  readonly #person: Pick<Person, 'pull' | 'write' | 'commit' | 'tryPush'>;
  readonly #pace: Pace;
  /** Of each commit so far. */
  readonly #tries: number[] = [];
  readonly #ending = new AbortController();
  #work: Promise<void> = Promise.resolve();

  constructor(person: Pick<Person, 'pull' | 'write' | 'commit' | 'tryPush'>, pace = UNHURRIED) {
    this.#person = person;
    this.#pace = pace;
  }

  static async clone(stage: Stage): Promise<HandPusher> {
    return new HandPusher(await Person.clone({ url: stage.queue, env: stage.env }, join(stage.folder, 'person')));
  }

  begin(): void {
    this.#work = this.#pushAgainAndAgain();
  }

  /**
   * How many tries each commit took while others pushed too. One that was not through by then counts with the tries it had:
   * who never gets through must show. None where the first commit did not get as far as its push.
   */
  async end(): Promise<number[]> {
    this.#ending.abort();
    await this.#work;
    return this.#tries;
  }

  async #pushAgainAndAgain(): Promise<void> {
    for (let number = 1; !this.#ending.signal.aborted; number++) {
      await this.#seeThrough(number);
      await this.#pause(this.#pace.restMs);
    }
  }

  async #seeThrough(number: number): Promise<void> {
    for (let tries = 1; ; tries++) {
      await this.#person.pull();
      await this.#pause(this.#pace.handMs);
      if (this.#ending.signal.aborted) return;
      if (tries === 1) {
        await this.#person.write(`notes/${number}.md`, `Note ${number}.\n`);
        await this.#person.commit(`note ${number}`);
      }
      this.#tries[number - 1] = tries;
      const { exitCode } = await this.#person.tryPush();
      if (exitCode === 0) return;
    }
  }

  /** Until then, or until the end. */
  async #pause(ms: number): Promise<void> {
    await pause(ms, null, { signal: this.#ending.signal }).catch(() => {});
  }
}
