import { parseResult } from '@errand/task';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Fleet, taskText } from './rig/fleet.ts';
import { type Mishaps, SimulatedMachine, type Weather } from './rig/simulated-machine.ts';
import { Simulation } from './rig/simulation.ts';

const ROUGH_MS = 30 * 60_000;
const GIVE_UP_MS = 4 * 60 * 60_000;
const ROUGH: Weather = {
  untilMs: ROUGH_MS,
  lostAnswer: 0.12,
  heldPush: 0.12,
  cutOff: 0.02,
  crash: 0.015,
  slow: 0.06,
  failure: 0.2,
};

// The lease's own timer would look at virtual time by the real clock; the loop looks after every pause anyway.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

interface Run {
  fleet: Fleet;
  ids: string[];
  mishaps: Mishaps;
  virtualMs: number;
}

/** Three machines and a person, until every task has a result and nothing is left over. */
async function simulate(seed: number, weather: Weather): Promise<Run> {
  const simulation = new Simulation(seed);
  const fleet = new Fleet(() => simulation.wallMs());
  const mishaps = { lostAnswers: 0, heldPushes: 0, cutOffs: 0, crashes: 0 };
  const world = { simulation, fleet, weather, mishaps };
  const machines = ['pi', 'vm', 'box'].map((name) => new SimulatedMachine(name, world));
  const ids: string[] = [];
  const isDone = () => {
    const results = resultsOf(fleet, fleet.tip);
    return (
      ids.every((id) => results.some((path) => path.endsWith(`/${id}.md`))) &&
      fleet.refs().every((ref) => ref.startsWith('workers/'))
    );
  };
  simulation.spawn(async () => {
    for (let number = 0; number < 9; number++) {
      const id = `task-${number}`;
      ids.push(id);
      const key = number % 3 === 0 ? 'key: shared\n' : '';
      await fleet.commit({ [`tasks/${id}.md`]: taskText(id, key), [`notes/${number}`]: 'a person pushes, too' });
      await simulation.sleep(simulation.pick(120_000)).done;
      const edited = ids[simulation.pick(ids.length)] ?? id;
      if (simulation.random() < 0.3) await fleet.commit({ [`tasks/${edited}.md`]: taskText(edited, `priority: ${number}\n`) });
    }
    while (simulation.elapsedMs() < weather.untilMs || !isDone()) {
      if (simulation.elapsedMs() > GIVE_UP_MS) throw new Error(`seed ${seed}: not done; left ${fleet.refs().join(', ')}`);
      await simulation.sleep(20_000).done;
    }
    for (const machine of machines) machine.stop();
  });
  for (const machine of machines) simulation.spawn(() => machine.live());
  await simulation.run();
  return { fleet, ids, mishaps, virtualMs: simulation.elapsedMs() };
}

const resultsOf = (fleet: Fleet, commit: string | null): string[] =>
  [...fleet.files(commit).keys()].filter((path) => path.startsWith('results/') && path.endsWith('.md'));

/** Results that a commit on the branch changed or took away. */
function replacedResults(fleet: Fleet): string[] {
  const replaced: string[] = [];
  for (let at = fleet.tip; at !== null; ) {
    const parent = fleet.remote.objects.commit(at)?.parents[0] ?? null;
    const now = fleet.files(at);
    for (const path of resultsOf(fleet, parent)) if (now.get(path) !== fleet.files(parent).get(path)) replaced.push(path);
    at = parent;
  }
  return replaced;
}

function expectSound({ fleet, ids }: Run): void {
  const results = resultsOf(fleet, fleet.tip);
  expect(results.map((path) => path.split('/')[2]).sort()).toEqual(ids.map((id) => `${id}.md`).sort());
  expect(replacedResults(fleet)).toEqual([]);
  expect(fleet.refs().filter((ref) => !ref.startsWith('workers/'))).toEqual([]);
  for (const path of results) {
    const result = parseResult(path, fleet.files().get(path) ?? '');
    expect(result).toMatchObject({ ok: true });
    if (result.ok && result.value.state === 'done') expect(result.value.answer).toBe(`${result.value.nonce} answers`);
  }
}

test('in calm weather every task is done once, without a try too many', async () => {
  const run = await simulate(1, { ...ROUGH, untilMs: 0, failure: 0 });
  await using _ = run.fleet;
  expectSound(run);
  for (const path of resultsOf(run.fleet, run.fleet.tip)) {
    const result = parseResult(path, run.fleet.files().get(path) ?? '');
    expect(result).toMatchObject({ ok: true, value: { state: 'done', attempts: [{ attempt: 1 }] } });
  }
});

test.each([2, 3, 4, 5, 6, 7])(
  'with crashes, lost answers, late pushes and machines cut off, every task ends once (seed %i)',
  async (seed) => {
    const run = await simulate(seed, ROUGH);
    await using _ = run.fleet;
    const { lostAnswers, heldPushes, cutOffs, crashes } = run.mishaps;
    expect(lostAnswers + heldPushes + cutOffs + crashes).toBeGreaterThan(5);
    expectSound(run);
  },
);

test('one seed gives one run', async () => {
  const [first, second] = [await simulate(8, ROUGH), await simulate(8, ROUGH)];
  await using _ = first.fleet;
  await using __ = second.fleet;
  expect([second.fleet.tip, second.virtualMs, second.mishaps]).toEqual([first.fleet.tip, first.virtualMs, first.mishaps]);
});
