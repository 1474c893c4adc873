import type { ListedMachine } from '@errand/config';
import type { View } from '@errand/planner';
import type { Problem } from '@errand/task';
import { type Failure, fail } from '../failure.ts';
import type { SshTarget } from './ssh-arguments.ts';

/**
 * Where a machine's commands are run; `unlisted` where the queue's file does not say how to get there. `warning`: what is wrong with
 * that file though its entry for the machine will do.
 */
export type Place =
  | { kind: 'here' }
  | { kind: 'there'; target: SshTarget; warning: string | null }
  | { kind: 'unlisted'; failure: Failure };

const FILE = "the queue's config/errand.yaml";

/** Finds a machine by what the queue's file lists. `me` is this machine's own name, which needs no entry. */
export async function findMachine(view: View | null, machine: string, me: string): Promise<Place> {
  if (machine === me) return { kind: 'here' };
  const { machines, problem } = await readListed(view);
  const listed = Object.hasOwn(machines, machine) ? machines[machine] : undefined;
  if (listed?.address !== undefined) {
    const { address, user, port } = listed;
    const target = { machine, address, ...(user !== undefined && { user }), ...(port !== undefined && { port }) };
    const wrong = problem && `${FILE} is not valid (${spellProblem(problem)}); its entry for ${machine} is, and is used`;
    return { kind: 'there', target, warning: wrong };
  }
  if (problem !== null) {
    const message = `${FILE} is not valid, and no entry in it that is says how to reach ${machine}: ${spellProblem(problem)}`;
    const hint = problem.hint ?? 'Correct it in a checkout of the queue, commit and push.';
    return { kind: 'unlisted', ...fail('configuration', problem.code, message, hint) };
  }
  const line = `${machine}: { address: HOST, user: NAME }`;
  const add = `Add it to config/errand.yaml in the queue, under machines: ${line}`;
  const discover = 'errand machines discover proposes such lines.';
  if (listed) {
    const hint = `Add machines.${machine}.address to config/errand.yaml in the queue: ${line}`;
    return { kind: 'unlisted', ...fail('configuration', 'no-address', `${FILE} has no address for ${machine}`, hint) };
  }
  if (view?.workers.has(machine)) {
    const message = `${machine} is known here by its worker, and has no address: ${FILE} does not list it`;
    return { kind: 'unlisted', ...fail('configuration', 'no-address', message, `${add}. ${discover}`) };
  }
  const { nearestOf } = await import('@errand/task');
  const near = nearestOf(machine, [...Object.keys(machines).filter((name) => machines[name]?.address !== undefined), me]);
  const hint = near === null ? `${add}. ${discover}` : `Did you mean ${near}? Else: ${add}`;
  return { kind: 'unlisted', ...fail('usage', 'unknown-machine', `config/errand.yaml lists no machine ${machine}`, hint) };
}

/** The machines that are listed, and the first thing that is wrong with the file; then only entries that are valid by themselves. */
async function readListed(view: View | null): Promise<{ machines: { [name: string]: ListedMachine }; problem: Problem | null }> {
  const { parseQueueConfig, salvageMachines } = await import('@errand/config');
  const text = view?.config?.text ?? '';
  const parsed = parseQueueConfig('config/errand.yaml', text);
  if (parsed.ok) return { machines: parsed.value.machines, problem: null };
  return { machines: salvageMachines(text), problem: parsed.problems[0] ?? null };
}

function spellProblem({ line, column, message }: Problem): string {
  return `line ${line}, column ${column}: ${message}`;
}
