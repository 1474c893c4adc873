import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Person } from '@errand/testing';
import type { Stage } from './stage.ts';

/** Between a person's pull and their push. */
const HAND_MS = 500;

/** A person with a checkout who pulls, and half a second later commits and pushes; again and again, until told to end. */
export class HandPusher {
  readonly #person: Person;
  readonly #tries: number[] = [];
  #over = false;
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
    this.#over = true;
    await this.#work;
    return this.#tries;
  }

  async #pushAgainAndAgain(): Promise<void> {
    for (let number = 1; !this.#over; number++) {
      for (let tries = 1; ; tries++) {
        await this.#person.pull();
        await pause(HAND_MS);
        if (tries === 1) {
          await this.#person.write(`notes/${number}.md`, `Note ${number}.\n`);
          await this.#person.commit(`note ${number}`);
        }
        const isAmongOthers = !this.#over;
        const { exitCode } = await this.#person.tryPush();
        if (exitCode !== 0) continue;
        if (isAmongOthers) this.#tries.push(tries);
        break;
      }
    }
  }
}
