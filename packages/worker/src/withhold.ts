import type { ParkedRecord, Result } from '@errand/task';
import type { WorkerContext } from './context.ts';

/** A result whose answer the server refuses is recorded without it; the whole text stays on this machine. */
export async function withholdAnswer({ starter, machine }: WorkerContext, result: Result): Promise<Result> {
  return { ...result, answer: withheldAnswer(machine.machine, await starter.keep(result)) };
}

/** The same for a parked text that this version cannot read: what its record says of it is recorded in its place. */
export async function withholdText({ starter, machine }: WorkerContext, record: ParkedRecord, text: string): Promise<Result> {
  const { id, nonce, task, attempts, result_state: state, finished_at } = record;
  const head = { schema: 1 as const, id, nonce, task, attempts, state, finished_at, taskText: '' };
  return { ...head, answer: withheldAnswer(machine.machine, await starter.keep({ ...head, answer: text })) };
}

function withheldAnswer(machine: string, keptAt: string): string {
  return `The git server refused to store this answer. It is kept on ${machine}: ${keptAt}`;
}
