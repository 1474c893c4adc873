import { expect, test, vi } from 'vitest';
import { ABLATIONS, type Ablation, ablate } from './ablations.ts';
import { bundlePlayer } from './bundle.ts';
import { FAULT_KINDS, type FaultKind } from './faults.ts';
import { Coverage } from './line-coverage/coverage.ts';
import type { Order, PlayedLine, Scene } from './order.ts';
import { playSeeds } from './play-seeds.ts';
import { shrink } from './shrink.ts';

// Hundreds of seeds, however busy the machine is.
vi.setConfig({ testTimeout: 300_000 });

const SCENE: Scene = { machines: 3, tasks: 6 };

interface Playing {
  without?: readonly Ablation[];
  /** A folder for what ran. */
  reports?: string;
}

/** Plays seeds in the scene above, or as the order has it; gives how each went. */
async function play(order: Partial<Order>, { without = [], reports }: Playing = {}): Promise<PlayedLine[]> {
  const played: PlayedLine[] = [];
  const whole = { from: 0, count: 1, step: 1, scene: SCENE, story: false, ...order };
  await playSeeds(await bundlePlayer(without), whole, (line) => played.push(line), reports);
  return played;
}

const problemsOf = (played: readonly PlayedLine[]): string[] =>
  played.flatMap(({ seed, problem }) => (problem === null ? [] : [`seed ${seed}: ${problem}`]));

test('in calm weather each task is done once, with nothing to spare', async () => {
  const played = await play({ count: 10, scene: { ...SCENE, calm: true } });
  expect(problemsOf(played)).toEqual([]);
  const told = played.map(({ runs, doubles, struck, results }) => ({ runs, doubles, struck, results }));
  expect(told).toEqual(played.map(() => ({ runs: SCENE.tasks, doubles: 0, struck: {}, results: { done: SCENE.tasks } })));
});

test('with everything that can go wrong, each task has its one result in the end, nothing is left over, and enough of the code has run', async () => {
  const coverage = await Coverage.begin(await bundlePlayer());
  const played = await play({ count: 100 }, { reports: coverage.reports });
  expect(problemsOf(played)).toEqual([]);
  expect(played).toHaveLength(100);
  const struck = new Set(played.flatMap((line) => Object.keys(line.struck)));
  expect([...struck].sort()).toEqual([...FAULT_KINDS].sort());
  const { short, text } = await coverage.end();
  expect(short, text).toEqual([]);
});

test('one seed is one run, to the letter', async () => {
  const [once, again] = [await play({ from: 20, count: 5, story: true }), await play({ from: 20, count: 5, story: true })];
  expect(once.map(({ story }) => story?.length)).not.toContain(0);
  expect(once).toEqual(again);
});

/** Of all that goes wrong, what lets a machine look dead that is not. Seldom caught even so; from this seed on it does not take long. */
const SILENCE: readonly FaultKind[] = ['slow', 'cutOff', 'appliedLate', 'asleep', 'stalled', 'beatsLost'];
const SILENT: Scene = { machines: 5, tasks: 12, off: FAULT_KINDS.filter((kind) => !SILENCE.includes(kind)) };
const SILENT_FROM = 260;

test.each<[Ablation[], RegExp, Partial<Scene>?, number?]>([
  [['nonce'], /takes task-\d from \w+, who was heard of|while it runs on \w+, from whom nobody has taken it/],
  [['verify'], /which was finished, removed or edited before it was claimed/],
  [['together'], /the key shared is held for task-\d and task-\d/],
  [['key'], /while task-\d of the same key runs on \w+, from whom nobody has taken it/],
  [['listing'], /which no heartbeat lists/],
  [['tombstone'], /takes task-\d+ from \w+, who was heard of/, SILENT, SILENT_FROM],
  [['content-check'], /the result of task-\d was replaced/],
  [['verify', 'content-check'], /the result of task-\d was replaced/],
  [['push-budget'], /pushes more than 1 a minute/, { tasks: 12, pushes: 1, calm: true }],
])('without %j it fails within a thousand seeds', async (without, expected, scene = {}, from = 0) => {
  const order = { from, count: 1_000, scene: { ...SCENE, pushes: null, ...scene }, until: expected.source };
  expect((await play(order, { without })).at(-1)?.problem).toMatch(expected);
});

test('a seed that fails is made smaller while the same goes wrong, and what is left of it can be told again', async () => {
  const player = await bundlePlayer(['verify']);
  const [failed] = (await play({ count: 1_000, until: 'no heartbeat lists' }, { without: ['verify'] })).slice(-1);
  if (failed === undefined) throw new Error('nothing was played');
  const { scene, played } = await shrink(failed, SCENE, (order, hear) => playSeeds(player, order, hear));
  expect(played.problem).toMatch(/which no heartbeat lists$/);
  expect(scene.machines + scene.tasks).toBeLessThan(SCENE.machines + SCENE.tasks);
  expect(Object.keys(played.struck).length).toBeLessThan(Object.keys(failed.struck).length);
  expect(played.story?.length).toBeGreaterThan(5);
  expect(await play({ from: failed.seed, scene, story: true }, { without: ['verify'] })).toEqual([played]);
});

test('an ablation that finds nothing to take out is an error', () => {
  const [edit] = ABLATIONS.verify;
  expect(() => ablate(`/x/${edit?.file}`, 'another text', ['verify'])).toThrow('has not exactly one');
  expect(ablate(`/x/${edit?.file}`, `a ${edit?.take} b`, ['verify'])).toBe(`a ${edit?.put} b`);
});
