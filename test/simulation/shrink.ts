import { type FaultKind, ROUGH_UNTIL_MS } from './faults.ts';
import type { Order, PlayedLine, Scene } from './order.ts';

const HALVINGS = 4;

/** The same thing went wrong, whatever it happened to. */
const kindOf = (problem: string | null): string => (problem ?? '').replaceAll(/[0-9]+/g, '#').slice(0, 60);

/**
 * Makes a failing run smaller while the same goes wrong in it: without a kind of fault, with less time of them, fewer tasks, fewer machines.
 * Each kind has chances of its own, so that the others strike much as they did.
 */
export async function shrink(
  failed: PlayedLine,
  scene: Scene,
  play: (order: Order, hear: (played: PlayedLine) => void) => Promise<void>,
): Promise<{ scene: Scene; played: PlayedLine }> {
  let best = scene;
  let told = failed;
  const attempt = async (candidate: Scene): Promise<void> => {
    let again: PlayedLine | null = null;
    const order = { from: failed.seed, count: 1, step: 1, scene: candidate, story: true };
    await play(order, (played) => {
      again = played;
    });
    const found = again as PlayedLine | null;
    if (found === null || kindOf(found.problem) !== kindOf(failed.problem)) return;
    best = candidate;
    told = found;
  };
  await attempt(scene);
  for (const kind of Object.keys(failed.struck) as FaultKind[]) await attempt({ ...best, off: [...(best.off ?? []), kind] });
  for (let halvings = 1; halvings <= HALVINGS; halvings++) await attempt({ ...best, untilMs: ROUGH_UNTIL_MS / 2 ** halvings });
  for (let tasks = best.tasks - 1; tasks >= 1; tasks--) await attempt({ ...best, tasks });
  for (let machines = best.machines - 1; machines >= 1; machines--) await attempt({ ...best, machines });
  return { scene: best, played: told };
}
