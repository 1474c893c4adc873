import { expect, test } from 'vitest';
import { ABLATIONS, type Ablation, ablate } from './ablations.ts';
import { bundlePlayer } from './bundle.ts';
import { FAULT_KINDS } from './faults.ts';
import type { PlayedLine, Scene } from './order.ts';
import { playSeeds } from './play-seeds.ts';

const SCENE: Scene = { machines: 3, tasks: 6 };

async function play(from: number, count: number, scene: Scene = SCENE): Promise<PlayedLine[]> {
  const played: PlayedLine[] = [];
  await playSeeds(await bundlePlayer(), { from, count, step: 1, scene, story: false }, (line) => played.push(line));
  return played;
}

const problemsOf = (played: readonly PlayedLine[]): string[] =>
  played.flatMap(({ seed, problem }) => (problem === null ? [] : [`seed ${seed}: ${problem}`]));

test('in calm weather each task is done once, with nothing to spare', async () => {
  const played = await play(0, 10, { ...SCENE, calm: true });
  expect(problemsOf(played)).toEqual([]);
  expect(played.map(({ runs, doubles, struck }) => [runs, doubles, struck])).toEqual(played.map(() => [SCENE.tasks, 0, {}]));
});

test('with everything that can go wrong, each task has its one result in the end, and nothing is left over', async () => {
  const played = await play(0, 100);
  expect(problemsOf(played)).toEqual([]);
  expect(played).toHaveLength(100);
  const struck = new Set(played.flatMap((line) => Object.keys(line.struck)));
  expect([...struck].sort()).toEqual([...FAULT_KINDS].sort());
});

test('one seed is one run, to the letter', async () => {
  const digests = (played: readonly PlayedLine[]): string[] => played.map(({ digest }) => digest);
  expect(digests(await play(20, 5))).toEqual(digests(await play(20, 5)));
});

test.each<[Ablation[], RegExp, Partial<Scene>?]>([
  [['nonce'], /takes task-\d from \w+, who was heard of|while it runs on \w+, from whom nobody has taken it/],
  [['verify'], /which was finished, removed or edited before it was claimed/],
  [['key'], /while task-\d of the same key runs on \w+, from whom nobody has taken it/],
  [['listing'], /which no heartbeat lists/],
  [['tombstone'], /takes task-\d+ from \w+, who was heard of/, { machines: 5, tasks: 12 }],
  [['content-check'], /the result of task-\d was replaced/],
  [['verify', 'content-check'], /the result of task-\d was replaced/],
  [['push-budget'], /pushes more than 1 a minute/, { tasks: 12, pushes: 1, calm: true }],
])(
  'without %j it fails within a thousand seeds',
  async (without, expected, scene = {}) => {
    const order = {
      from: 0,
      count: 1_000,
      step: 1,
      scene: { ...SCENE, pushes: null, ...scene },
      story: false,
      until: expected.source,
    };
    const problems: (string | null)[] = [];
    await playSeeds(await bundlePlayer(without), order, ({ problem }) => problems.push(problem));
    expect(problems.at(-1)).toMatch(expected);
  },
  300_000,
);

test('an ablation that finds nothing to take out is an error', () => {
  const [edit] = ABLATIONS.verify;
  expect(() => ablate(`/x/${edit?.file}`, 'another text', ['verify'])).toThrow('has not exactly one');
  expect(ablate(`/x/${edit?.file}`, `a ${edit?.take} b`, ['verify'])).toBe(`a ${edit?.put} b`);
});
