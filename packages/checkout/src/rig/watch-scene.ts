import { join } from 'node:path';
import { Person, pathRemote, type TemporaryDirectory, type TestRemote, temporaryDirectory } from '@errand/testing';
import type { WatchEvent } from '../events.ts';
import { openCheckout } from '../open-checkout.ts';
import type { Step } from '../plan/plan-turn.ts';
import { Watcher } from '../watch/watcher.ts';

export const SETTLE_MS = 2_000;
const INTERVAL_MS = 30_000;
/** More turns than anything here takes. */
const MAX_TURNS = 200;

/** The file of a result. */
export function resultText(id: string): string {
  return `---\nschema: 1\nid: ${id}\nstate: done\nfinished_at: 2026-11-20T09:12:44Z\n---\nok\n`;
}

/** A queue on this disk with its people, and time that passes only when somebody waits. */
export class WatchScene implements AsyncDisposable {
  readonly remote: TestRemote;
  nowMs = 0;
  readonly #folder: TemporaryDirectory;
  readonly #watched: Watched[] = [];

  private constructor(remote: TestRemote, folder: TemporaryDirectory) {
    this.remote = remote;
    this.#folder = folder;
  }

  static async open(): Promise<WatchScene> {
    const scene = new WatchScene(await pathRemote(), temporaryDirectory());
    const founder = await scene.person('Eve');
    await founder.write('tasks/.gitkeep', '');
    await founder.write('config/errand.yaml', 'defaults: { retries: 1 }\n');
    await founder.commit('make the queue');
    await founder.push();
    return scene;
  }

  person(name: string): Promise<Person> {
    return Person.clone(this.remote, join(this.#folder.path, name), name);
  }

  /** Somebody with a watched checkout. */
  async watched(name = 'Ada'): Promise<Watched> {
    return this.watch(await this.person(name));
  }

  /** A watcher of somebody's checkout; `env` over what is theirs. */
  async watch(person: Person, env: Record<string, string> = {}): Promise<Watched> {
    const opened = await openCheckout(person.dir, { ...person.env, ...env });
    if (!opened.ok) throw new Error(opened.failure.message);
    const events: WatchEvent[] = [];
    const watcher = new Watcher({
      checkout: opened.checkout,
      clock: { elapsedMs: () => this.nowMs },
      random: () => 0.5,
      settleMs: SETTLE_MS,
      intervalMs: INTERVAL_MS,
      emit: (event) => events.push(event),
      onExchanged: () => {},
    });
    const watched = new Watched(this, person, watcher, events);
    this.#watched.push(watched);
    return watched;
  }

  /** Paths on the branch at the remote. */
  async remoteFiles(): Promise<string[]> {
    return (await this.remote.repository.git('ls-tree', '-r', '--name-only', 'main')).split('\n').filter(Boolean);
  }

  /** Subjects of the branch at the remote, newest first. */
  async remoteLog(): Promise<string[]> {
    return (await this.remote.repository.git('log', '--format=%s', 'main')).trim().split('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { watcher } of this.#watched) {
      watcher.close();
      await watcher.exchanged();
    }
    await this.remote[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** A person and the watcher of their checkout, which goes on only when told to. */
export class Watched {
  readonly person: Person;
  readonly watcher: Watcher;
  readonly events: WatchEvent[];
  readonly #scene: WatchScene;

  constructor(scene: WatchScene, person: Person, watcher: Watcher, events: WatchEvent[]) {
    this.#scene = scene;
    this.person = person;
    this.watcher = watcher;
    this.events = events;
  }

  /** One turn; an exchange with the remote that it begins is waited for. */
  async turn(): Promise<Step> {
    const step = await this.watcher.turn();
    await this.watcher.exchanged();
    return step;
  }

  /** Turns, with the time between them, until there is nothing left to do now. Begins with a look at the remote. */
  async untilQuiet(): Promise<void> {
    this.#scene.nowMs += INTERVAL_MS;
    for (let turns = 0; turns < MAX_TURNS; turns++) {
      const step = await this.turn();
      if (step.do !== 'rest') continue;
      if (step.isQuiet && step.unsettled.length === 0) return;
      this.#scene.nowMs = Math.max(this.#scene.nowMs, step.untilMs);
    }
    throw new Error(`it has not come to rest: ${JSON.stringify(this.events)}`);
  }

  /** Turns until it is about to do this, or has done it where the turn does it whole. */
  async untilStep(wanted: Step['do']): Promise<void> {
    for (let turns = 0; turns < MAX_TURNS; turns++) {
      const step = await this.turn();
      if (step.do === wanted) return;
      if (step.do === 'rest') this.#scene.nowMs = Math.max(this.#scene.nowMs, step.untilMs);
    }
    throw new Error(`no ${wanted}: ${JSON.stringify(this.events)}`);
  }

  /** Events of one type, so far. */
  told<T extends WatchEvent['type']>(type: T): Extract<WatchEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<WatchEvent, { type: T }> => event.type === type);
  }
}
