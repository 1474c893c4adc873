import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { ABLATIONS, isAblation } from './ablations.ts';
import { bundlePlayer } from './bundle.ts';
import { FAULT_KINDS } from './faults.ts';
import { Coverage } from './line-coverage/coverage.ts';
import { LEAST_PERCENT } from './line-coverage/render-coverage.ts';
import type { Order, PlayedLine, Scene } from './order.ts';
import { playSeeds } from './play-seeds.ts';
import { shrink } from './shrink.ts';

const TOLD_FAILURES = 20;
const PROGRESS_EVERY = 1_000;
const SCENE_KEYS: readonly (keyof Scene)[] = ['machines', 'tasks', 'pushes', 'calm', 'off', 'untilMs'];

const USAGE = `usage: npm run simulate -- [OPTION…]

  --seeds N        how many seeds (1000)
  --from N         the first of them (0)
  --jobs N         processes at once (as many as there are cores)
  --machines N     workers in each run (3)
  --tasks N        tasks in each run (6)
  --pushes N       pushes a minute that the queue's file allows in each run; without it, one seed in four has a budget
  --calm           nothing goes wrong
  --without PARTS  parts of the protocol to take out, with commas: ${Object.keys(ABLATIONS).join(', ')}
  --coverage       which lines ran; status 1 where a room has less than ${LEAST_PERCENT} %
  --story SEED     one seed, told event by event
  --scene JSON     what a run is about, as the smallest of a failing seed is printed: ${SCENE_KEYS.join(', ')}

Status 0: all is as it must be; 1: it is not; 2: an option is wrong.`;

const values = readOptions();
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const names = values.without.split(',').filter((name) => name !== '');
const without = names.filter(isAblation);
const unknown = names.find((name) => !isAblation(name));
if (unknown !== undefined) refuse(`--without has no part ${unknown}: it takes ${Object.keys(ABLATIONS).join(', ')}`);
const player = await bundlePlayer(without);
const scene: Scene = {
  machines: wholeNumber('machines', 1),
  tasks: wholeNumber('tasks', 1),
  calm: values.calm,
  ...(values.pushes !== undefined && { pushes: wholeNumber('pushes', 1) }),
  ...readScene(values.scene),
};
const coverage = values.coverage ? await Coverage.begin(player) : null;
const play = (order: Order, hear: (played: PlayedLine) => void): Promise<void> =>
  playSeeds(player, order, hear, coverage?.reports);

if (values.story === undefined) await playMany(wholeNumber('from', 0), wholeNumber('seeds', 1), wholeNumber('jobs', 1));
else await play({ from: wholeNumber('story', 0), count: 1, step: 1, scene, story: true }, tell);
if (coverage) {
  const { text, short } = await coverage.end();
  console.log(`\nLines that ran:\n${text}`);
  for (const room of short) console.log(`Less than ${LEAST_PERCENT} % of the ${room} ran.`);
  if (short.length > 0) process.exitCode = 1;
}

async function playMany(from: number, count: number, jobs: number): Promise<void> {
  const failed: PlayedLine[] = [];
  const struck = new Map<string, number>();
  const sum = { seeds: 0, pushes: 0, doubles: 0 };
  const hear = (played: PlayedLine): void => {
    sum.seeds += 1;
    sum.pushes += played.pushes;
    sum.doubles += played.doubles;
    for (const [kind, times] of Object.entries(played.struck)) struck.set(kind, (struck.get(kind) ?? 0) + times);
    if (played.problem !== null) {
      failed.push(played);
      process.stderr.write(`seed ${played.seed}: ${played.problem}\n`);
    }
    if (sum.seeds % PROGRESS_EVERY === 0) process.stderr.write(`${sum.seeds} of ${count} seeds, ${failed.length} failed\n`);
  };
  const startedAt = performance.now();
  const shares = Array.from({ length: jobs }, (_, job) => ({ from: from + job, count: Math.ceil((count - job) / jobs) }));
  await Promise.all(shares.map((share) => play({ ...share, step: jobs, scene, story: false }, hear)));
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  console.log(`${sum.seeds} seeds from ${from} in ${seconds} s: ${failed.length} failed`);
  console.log(`${sum.pushes} pushes; ${sum.doubles} runs began while the same task's ran elsewhere`);
  const most = [...struck].sort(([, a], [, b]) => b - a).map(([kind, times]) => `${kind} ${times}`);
  console.log(`what struck: ${most.join(', ')}`);
  failed.sort((a, b) => a.seed - b.seed);
  for (const { seed, problem } of failed.slice(0, TOLD_FAILURES)) console.log(`seed ${seed}: ${problem}`);
  const [first] = failed;
  if (first === undefined) return;
  process.exitCode = 1;
  // Without a part of the protocol it is meant to fail.
  if (without.length > 0) return;
  const smallest = await shrink(first, scene, play);
  console.log(`\nThe smallest, to be told again: --story ${first.seed} --scene '${JSON.stringify(smallest.scene)}'`);
  tell(smallest.played);
}

function tell({ story = [], problem, seed }: PlayedLine): void {
  for (const { atMs, who, what } of story) console.log(`${(atMs / 1_000).toFixed(3).padStart(9)} ${who.padEnd(7)} ${what}`);
  console.log(problem === null ? `seed ${seed}: all is as it must be` : `seed ${seed}: ${problem}`);
  if (problem !== null) process.exitCode = 1;
}

/** What was asked for, and the defaults. */
function readOptions() {
  try {
    return parseArgs({
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        seeds: { type: 'string', default: '1000' },
        from: { type: 'string', default: '0' },
        machines: { type: 'string', default: '3' },
        tasks: { type: 'string', default: '6' },
        jobs: { type: 'string', default: String(availableParallelism()) },
        without: { type: 'string', default: '' },
        calm: { type: 'boolean', default: false },
        pushes: { type: 'string' },
        coverage: { type: 'boolean', default: false },
        story: { type: 'string' },
        scene: { type: 'string', default: '{}' },
      },
    }).values;
  } catch (error) {
    return refuse(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}

function wholeNumber(option: 'from' | 'jobs' | 'machines' | 'pushes' | 'seeds' | 'story' | 'tasks', least: number): number {
  const text = values[option] ?? '';
  if (!/^\d+$/.test(text) || Number(text) < least)
    refuse(`--${option} is ${JSON.stringify(text)}, and must be a whole number from ${least} on`);
  return Number(text);
}

/** As a failing seed's smallest run is printed. */
function readScene(text: string): Partial<Scene> {
  const given = parseJson(text);
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return refuse('--scene must be an object, as it is printed');
  const key = Object.keys(given).find((one) => !SCENE_KEYS.includes(one as keyof Scene));
  if (key !== undefined) refuse(`--scene has no ${key}: it takes ${SCENE_KEYS.join(', ')}`);
  const scene = given as Partial<Scene>;
  const kind = [scene.off ?? []].flat().find((one) => !FAULT_KINDS.includes(one));
  if (kind !== undefined)
    refuse(`--scene turns off ${JSON.stringify(kind)}, which is no fault: there are ${FAULT_KINDS.join(', ')}`);
  return scene;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return refuse(`--scene is no JSON: ${(error as Error).message}`);
  }
}
