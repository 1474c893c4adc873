import type { View } from '@errand/planner';
import { type Failure, fail, failByProblems } from '../failure.ts';
import type { SshTarget } from './ssh-arguments.ts';

/** Where a machine's commands are run; `unlisted` where the queue's file does not say how to get there. */
export type Place = { kind: 'here' } | { kind: 'there'; target: SshTarget } | { kind: 'unlisted'; failure: Failure };

/** Finds a machine by what the queue's file lists. `me` is this machine's own name, which needs no entry. */
export async function findMachine(view: View | null, machine: string, me: string): Promise<Place> {
  if (machine === me) return { kind: 'here' };
  const { parseQueueConfig } = await import('@errand/config');
  const parsed = parseQueueConfig('config/errand.yaml', view?.config?.text ?? '');
  if (!parsed.ok) return { kind: 'unlisted', ...failByProblems('configuration', parsed.problems) };
  const { machines } = parsed.value;
  const listed = Object.hasOwn(machines, machine) ? machines[machine] : undefined;
  if (listed?.address !== undefined) {
    const { address, user, port } = listed;
    return {
      kind: 'there',
      target: { machine, address, ...(user !== undefined && { user }), ...(port !== undefined && { port }) },
    };
  }
  const line = `${machine}: { address: HOST, user: NAME }`;
  if (listed) {
    const hint = `Add machines.${machine}.address to config/errand.yaml in the queue: ${line}`;
    return { kind: 'unlisted', ...fail('configuration', 'no-address', `config/errand.yaml has no address for ${machine}`, hint) };
  }
  const { nearestOf } = await import('@errand/task');
  const near = nearestOf(machine, [...Object.keys(machines), ...(view?.workers.keys() ?? []), me]);
  const add = `Add it to config/errand.yaml in the queue, under machines: ${line}`;
  const hint = near === null ? `${add}. errand machines discover proposes such lines.` : `Did you mean ${near}? Else: ${add}`;
  return { kind: 'unlisted', ...fail('usage', 'unknown-machine', `config/errand.yaml lists no machine ${machine}`, hint) };
}
