// Bundled with the simulated platform, and started by `play-seeds.ts` in processes of its own: plays seeds, and prints a line of JSON for each.
import { CALM, type Faults, ROUGH } from './faults.ts';
import type { Order, PlayedLine } from './order.ts';
import { takeOverTime } from './platform/timers.ts';
import { play } from './play.ts';

takeOverTime();
const { from, count, step, scene, story } = JSON.parse(process.argv[2] ?? '') as Order;
const faults: Faults = { ...(scene.calm ? CALM : ROUGH), ...(scene.untilMs !== undefined && { untilMs: scene.untilMs }) };
for (const kind of scene.off ?? []) faults[kind] = 0;
for (let n = 0; n < count; n++) {
  const played = await play(from + n * step, { machines: scene.machines, tasks: scene.tasks, faults }, { story });
  const { story: told, ...rest } = played;
  const line = JSON.stringify({
    ...rest,
    struck: Object.fromEntries(played.struck),
    ...(story && { story: [...told] }),
  } satisfies PlayedLine);
  // A pipe takes only so much at a time.
  if (!process.stdout.write(`${line}\n`)) await new Promise((resolve) => process.stdout.once('drain', resolve));
}
