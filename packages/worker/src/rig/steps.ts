import { Claimer } from '../duties/claimer.ts';
import { Keeper } from '../duties/keeper.ts';
import { type Fleet, type Machine, taskText } from './fleet.ts';

/** One round in which a machine claims. */
export async function claim(machine: Machine): Promise<void> {
  await machine.round(new Claimer(machine.context));
}

/** One round in which a machine looks after what it holds: verifies, starts, ends. */
export async function keep(machine: Machine): Promise<void> {
  await machine.round(new Keeper(machine.context));
}

/** What a machine holds, as `id phase`. */
export const phases = (machine: Machine): string[] => machine.context.held.all().map(({ id, phase }) => `${id} ${phase.name}`);

/** Claims what there is, verifies it and starts it. */
export async function run(machine: Machine): Promise<void> {
  await claim(machine);
  await keep(machine);
}

/** Files these tasks for a machine, and runs them on it to their end. */
export async function finish(fleet: Fleet, machine: Machine, ...ids: string[]): Promise<void> {
  // For this machine alone: another that lives might be first in line for them.
  const head = `machine: ${machine.context.machine.machine}\n`;
  await fleet.commit(Object.fromEntries(ids.map((id) => [`tasks/${id}.md`, taskText(id, head)])));
  await run(machine);
  for (const id of ids) await machine.runner.end(id);
}
