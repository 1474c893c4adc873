import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Person } from '@errand/testing';
import type { Stage } from './stage.ts';

/** Between a person's pull and their push. */
const HAND_MS = 500;
/** Between two of their commits: nobody has something to say all the time. */
const REST_MS = 3_000;

/** A person with a checkout who pulls, and half a second later commits and pushes; every few seconds, until told to end. */
export class HandPusher {
  readonly #person: Person;
  readonly #tries: number[] = [];
  readonly #ending = new AbortController();
  #work: Promise<void> = Promise.resolve();

  private constructor(person: Person) {
    this.#person = person;
  }

  static async clone(stage: Stage): Promise<HandPusher> {
    return new HandPusher(await Person.clone({ url: stage.queue, env: stage.env }, join(stage.folder, 'person')));
  }

  begin(): void {
    this.#work = this.#pushAgainAndAgain();
  }

  /** How many tries each commit took. The last commit is seen through, or left out where others no longer push. */
  async end(): Promise<number[]> {
    this.#ending.abort();
    await this.#work;
    return this.#tries;
  }

  async #pushAgainAndAgain(): Promise<void> {
    for (let number = 1; !this.#ending.signal.aborted; number++) {
      for (let tries = 1; ; tries++) {
        await this.#person.pull();
        await pause(HAND_MS);
        if (tries === 1) {
          await this.#person.write(`notes/${number}.md`, `Note ${number}.\n`);
          await this.#person.commit(`note ${number}`);
        }
        const isAmongOthers = !this.#ending.signal.aborted;
        const { exitCode } = await this.#person.tryPush();
        if (exitCode !== 0) continue;
        if (isAmongOthers) this.#tries.push(tries);
        break;
      }
      await pause(REST_MS, null, { signal: this.#ending.signal }).catch(() => {});
    }
  }
}
