import type { View } from '@errand/planner';
import type { StatusTask, TaskLine } from '../status-report.ts';
import type { RunCounter } from './run-counts.ts';

/** How far a running attempt is: by its log where it runs on this machine, else by the last heartbeat of its machine. */
export interface RunLine {
  agent: string | null;
  model: string | null;
  /** What the attempt may take, seconds. */
  timeout_s: number | null;
  /** How many attempts the task may have; those that do not count as a try come on top. */
  tries: number | null;
  /** Answers of a model, and calls of a tool. */
  turns: number | null;
  tool_calls: number | null;
  /** When its agent was last heard; ISO 8601, UTC. */
  output_at: string | null;
  /** What it has spent so far, US dollars; known on its own machine only. */
  cost_usd: number | null;
}

/** Adds to each task that runs how far it is. */
export function describeRuns(tasks: readonly TaskLine[], view: View, counter: RunCounter | undefined): Promise<StatusTask[]> {
  return Promise.all(tasks.map(async (task) => ({ ...task, run: await describeRun(task, view, counter) })));
}

async function describeRun({ id }: TaskLine, view: View, counter: RunCounter | undefined): Promise<RunLine | null> {
  const record = view.records.get(id)?.value;
  if (record?.state !== 'claimed') return null;
  const beat = view.workers.get(record.worker)?.value;
  const told = beat?.runs.find(({ nonce }) => nonce === record.nonce);
  const counted = (await counter?.count(id, record.nonce)) ?? null;
  const parsed = view.tasks.get(id)?.parsed;
  const task = parsed?.ok ? parsed.value : null;
  return {
    agent: told?.agent ?? null,
    model: told?.model ?? null,
    timeout_s: task === null ? null : task.timeoutMs / 1000,
    tries: task === null ? null : task.retries + 1,
    turns: counted?.turns ?? told?.turns ?? null,
    tool_calls: counted?.tool_calls ?? told?.tool_calls ?? null,
    output_at: counted?.output_at ?? told?.output_at ?? null,
    cost_usd: counted?.cost_usd ?? null,
  };
}
