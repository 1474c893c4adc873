import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openQueue, type Queue } from '@errand/queue';
import type { Person } from '@errand/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Gates } from '../rig/gates.ts';
import { isEvent, Scene, script } from '../rig/scene.ts';
import type { WorkerProcess } from '../rig/worker-process.ts';
import { DAMAGES, type Damage } from './damages.ts';

/** A queue with a person, and a machine whose clone is about to suffer. */
class Patient implements AsyncDisposable {
  readonly scene: Scene;
  readonly ada: Person;
  readonly gates: Gates;
  readonly #queue: Queue;
  #count = 0;

  constructor(scene: Scene, ada: Person) {
    this.scene = scene;
    this.ada = ada;
    this.gates = new Gates(join(scene.folder, 'gates'));
    const clock = { wallMs: () => Date.now(), elapsedMs: () => performance.now() };
    const stateDir = scene.stateDir('pi');
    this.#queue = openQueue({ remote: scene.remote.url, branch: 'main', stateDir, clock, env: scene.machineEnv('pi') });
  }

  static async admit(): Promise<Patient> {
    const scene = await Scene.open();
    return new Patient(scene, await scene.person());
  }

  newId(kind: string): string {
    this.#count += 1;
    return `${kind}-${this.#count}`;
  }

  async commitTask(id: string, text: string): Promise<void> {
    await this.ada.writeTask(id, text);
    await this.ada.commit(id);
    await this.ada.push();
  }

  /** What `errand delegate` does on this machine before it prints the id: a draft, which is sent and not run. */
  async delegate(id: string): Promise<void> {
    const createdAt = new Date().toISOString();
    await this.#queue.outbox.add({
      id,
      content: script(`echo ${id}`, 'hold: true'),
      subject: `add: ${id}`,
      createdAt,
      commits: [],
    });
  }

  async suffer(damage: Damage): Promise<void> {
    await damage(join(this.#queue.dir, 'clone'), this.scene.remote.env);
  }

  async expectOneResult(id: string): Promise<void> {
    const found = (await this.scene.results(id)).map(({ result }) => [result.state, result.attempts.length]);
    expect({ id, found }).toEqual({ id, found: [['done', 1]] });
  }

  /** On the branch, in one commit ever. */
  async expectSentOnce(id: string): Promise<void> {
    const log = await this.scene.remote.repository.git('log', '--format=%H', 'main', '--', `tasks/${id}.md`);
    expect({
      id,
      commits: log
        .trim()
        .split('\n')
        .filter((line) => line !== '').length,
    }).toEqual({ id, commits: 1 });
  }

  async expectNothingLeft(): Promise<void> {
    expect(await this.#queue.outbox.pending()).toEqual([]);
    expect(await readdir(join(this.#queue.dir, 'journal')).catch(() => [])).toEqual([]);
    expect(await this.scene.leftovers()).toEqual([]);
  }

  /** Neither an old clone nor half a new one lies about: true once no process works there. */
  async expectOneClone(): Promise<void> {
    expect((await readdir(this.#queue.dir)).filter((name) => /^clone\.(?:new|old)-/.test(name))).toEqual([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.close();
    await this.gates[Symbol.asyncDispose]();
    await this.scene[Symbol.asyncDispose]();
  }
}

describe('a worker that finds its clone damaged at its start goes on by itself, and sends what waits in the outbox:', () => {
  let patient: Patient;

  beforeAll(async () => {
    patient = await Patient.admit();
    await patient.commitTask('first', script('echo first'));
    await (await patient.scene.worker('pi', { once: true })).exited;
  });
  afterAll(() => patient[Symbol.asyncDispose]());

  test.each(DAMAGES)('%s', async (_what, damage) => {
    const [task, delegated] = [patient.newId('task'), patient.newId('delegated')];
    await patient.commitTask(task, script('echo again'));
    await patient.delegate(delegated);
    await patient.suffer(damage);
    const worker = await patient.scene.worker('pi', { once: true });
    expect({ ...(await worker.exited), errors: worker.errors }).toEqual({ code: 0, signal: null, errors: '' });
    await patient.expectOneResult(task);
    await patient.expectSentOnce(delegated);
    await patient.expectNothingLeft();
    await patient.expectOneClone();
  });
});

describe('a worker whose clone is damaged while it runs a task goes on by itself, records it once, and sends what waits in the outbox:', () => {
  let patient: Patient;
  let worker: WorkerProcess;

  beforeAll(async () => {
    patient = await Patient.admit();
    worker = await patient.scene.worker('pi', { config: 'poll: { interval: 1s }' });
  });
  afterAll(() => patient[Symbol.asyncDispose]());

  test.each(DAMAGES)('%s', async (_what, damage) => {
    const [task, delegated] = [patient.newId('task'), patient.newId('delegated')];
    await patient.commitTask(task, script(`echo ready\n${await patient.gates.build(task)}`));
    await worker.waitFor((event) => event.type === 'agent' && event.id === task && event.event.type === 'output', `${task} runs`);
    const before = worker.events.length;
    await patient.delegate(delegated);
    await patient.suffer(damage);
    await patient.gates.open(task);
    await worker.waitFor(isEvent('recorded', task), `the result of ${task}`);
    await worker.waitFor(
      (event) => event.type === 'push-ended' && event.purpose === 'outbox' && worker.events.indexOf(event) > before,
      'the outbox',
    );
    // The next look comes when everything of the last one is done.
    const told = worker.events.length;
    await worker.waitFor((event) => event.type === 'polled' && worker.events.indexOf(event) >= told, 'another look');
    await patient.expectOneResult(task);
    await patient.expectSentOnce(delegated);
    await patient.expectNothingLeft();
  });

  test('and nothing of this was ever taken from it', () => {
    expect(worker.events.filter(({ type }) => type === 'fenced' || type === 'twin' || type === 'moved-back')).toEqual([]);
  });
});
