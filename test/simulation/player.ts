// Bundled with the simulated platform, and started by `play-seeds.ts` in processes of its own: plays seeds, and prints a line of JSON for each.
import { calm, type Faults, rough } from './faults.ts';
import type { Order, PlayedLine } from './order.ts';
import { takeOverTime } from './platform/timers.ts';
import { play } from './play.ts';

takeOverTime();
const { from, count, step, scene, story, until } = JSON.parse(process.argv[2] ?? '') as Order;

function weather(seed: number, pushes: number | null): Faults {
  const faults = scene.calm ? calm() : rough(seed);
  if (scene.untilMs !== undefined) faults.untilMs = scene.untilMs;
  // What a person's command pushes is not in the workers' budget, and cannot be told from theirs.
  for (const kind of [...(scene.off ?? []), ...(pushes === null ? [] : (['editOn'] as const))]) faults[kind] = 0;
  return faults;
}

for (let n = 0; n < count; n++) {
  const seed = from + n * step;
  const { machines, tasks, pushes = seed % 4 === 3 ? 1 : null } = scene;
  const played = await play(seed, { machines, tasks, faults: weather(seed, pushes), pushes }, { story });
  const { story: told, ...rest } = played;
  const line = JSON.stringify({
    ...rest,
    struck: Object.fromEntries(played.struck),
    results: Object.fromEntries(played.results),
    ...(story && { story: [...told] }),
  } satisfies PlayedLine);
  // A pipe takes only so much at a time.
  if (!process.stdout.write(`${line}\n`)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  if (until !== undefined && new RegExp(until).test(played.problem ?? '')) break;
}
