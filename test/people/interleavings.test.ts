import { join } from 'node:path';
import { taskIdOfPath, taskIdOfResultPath } from '@errand/task';
import { expect, test } from 'vitest';
import { Dice, seedFrom } from '../rig/dice.ts';
import { Gates } from '../rig/gates.ts';
import { isEvent, Scene } from '../rig/scene.ts';
import type { WorkerProcess } from '../rig/worker-process.ts';
import { expectOneResultForEachStart, readFolds, readStarts } from './check-history.ts';
import { ClumsyPerson } from './clumsy-person.ts';

const PEOPLE = 4;
const ROUNDS = 13;
const MOMENTS = ['now', 'claimed', 'verified', 'spawned', 'ready', 'ended', 'recorded'] as const;
type Moment = (typeof MOMENTS)[number];

const seed = seedFrom(process.env);

/** Comes when the attempt is that far. */
async function reach(moment: Moment, id: string, person: ClumsyPerson, worker: WorkerProcess): Promise<void> {
  if (moment === 'now') return;
  if (moment === 'ended' || moment === 'recorded') await person.openGate(id);
  if (moment === 'ready')
    await worker.waitFor((event) => event.type === 'agent' && event.id === id && event.event.type === 'output', `${id} ready`);
  else await worker.waitFor(isEvent(moment, id), `${id} ${moment}`);
}

/** Every open task has a result, and no ref is left. */
async function settle(scene: Scene, worker: WorkerProcess): Promise<void> {
  for (;;) {
    const seen = worker.events.length;
    const files = await scene.files();
    const finished = new Set(files.map((path) => taskIdOfResultPath(path)));
    const open = files.map((path) => taskIdOfPath(path)).filter((id) => id !== null && !finished.has(id));
    if (open.length === 0 && (await scene.leftovers()).length === 0) return;
    await worker.waitFor(() => worker.events.length > seen, `the end of ${open.join(', ')}`);
  }
}

test.concurrent.each(['merge', 'rebase'] as const)(
  `${PEOPLE * ROUNDS} commits at any moment of a running attempt, pushed late, never conflict on pull: git pull with %s (ERRAND_TEST_SEED=${seed})`,
  { timeout: 300_000 },
  async (how) => {
    await using scene = await Scene.open();
    await scene.remote.repository.git('config', 'core.logAllRefUpdates', 'always');
    const dice = new Dice(seed + (how === 'merge' ? 0 : 1));
    await using gates = new Gates(join(scene.folder, 'gates'));
    const founder = await scene.person();
    await founder.write('tasks/.gitkeep', '');
    await founder.commit();
    await founder.push();
    const people: ClumsyPerson[] = [];
    const focus: string[] = [];
    for (let number = 0; number < PEOPLE; number++) {
      const options = { rebases: how === 'rebase', keepsConfig: number === 0 };
      const person = new ClumsyPerson(await scene.person(`p${number}`), `p${number}`, dice, gates, options);
      focus.push(await person.addTask());
      await person.commit();
      people.push(person);
      await person.share();
    }
    const worker = await scene.worker('pi', { slots: PEOPLE });
    let pushedWhileRunning = 0;

    for (let round = 0; round < ROUNDS; round++) {
      const next: string[] = [];
      const turns = people.map((person, number) => {
        const early = dice.chance(0.35);
        const moment = dice.pick(early ? MOMENTS.slice(2, 5) : MOMENTS) ?? 'now';
        return { person, number, early, moment, id: focus[number] ?? '' };
      });
      await Promise.all(turns.map(({ person, moment, id }) => reach(moment, id, person, worker)));
      for (const { person, number, id } of turns) {
        await person.change(id);
        next[number] = await person.addTask();
        await person.commit();
      }
      for (const { person, early } of turns) {
        if (!early) continue;
        await person.share();
        pushedWhileRunning++;
      }
      for (const { person, id } of turns) await person.openGate(id);
      await Promise.all(turns.map(({ id }) => worker.waitFor(isEvent('recorded', id), `${id} recorded`)));
      for (const { person, early } of turns) if (!early) await person.share();
      focus.splice(0, PEOPLE, ...next);
    }
    for (const [number, person] of people.entries()) await person.openGate(focus[number] ?? '');
    await settle(scene, worker);
    await worker.stop();

    const { repository } = scene.remote;
    const folds = await readFolds(repository, 'pi');
    expectOneResultForEachStart(await readStarts(repository, worker.events), folds);
    expect(worker.events.filter(({ type }) => type === 'trouble' || type === 'fenced' || type === 'poll-failed')).toEqual([]);
    const results = (await scene.files()).map((path) => taskIdOfResultPath(path)).filter((id) => id !== null);
    expect(results).toEqual([...new Set(results)]);
    expect(pushedWhileRunning).toBeGreaterThan(5);
    expect(folds.filter(({ state }) => state === 'cancelled').length).toBeGreaterThan(1);
    for (const person of people) await person.share();
  },
);
