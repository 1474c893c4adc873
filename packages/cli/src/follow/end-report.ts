import type { Queue } from '@errand/queue';
import { type AttemptEntry, formatCost, formatDuration, sumCosts } from '@errand/task';
import { buildTaskReport } from '../task-report.ts';
import type { TaskEnd } from './follow-task.ts';

/** What `errand delegate --wait --json` prints. */
export interface EndReport {
  schema: 1;
  id: string;
  /** Its result, or the task file where it has none. */
  path: string;
  title: string;
  /** `finished`: there is a result that cannot be read. */
  state: 'done' | 'failed' | 'cancelled' | 'finished';
  reason: string;
  answer: string | null;
  /** ISO 8601, UTC. */
  finished_at: string | null;
  worker: string | null;
  /** Of all attempts that say theirs. */
  cost_usd: number | null;
  attempts: AttemptEntry[];
}

/** What a task that somebody waited for came to. */
export async function buildEndReport(
  queue: Queue,
  end: Extract<TaskEnd, { kind: 'finished' | 'removed' }>,
  { id, title }: { id: string; title: string },
): Promise<EndReport> {
  if (end.kind === 'removed') {
    const attempts = end.view.records.get(id)?.value.attempts ?? [];
    const reason = 'its file was removed from the queue';
    const path = `tasks/${id}.md`;
    const worker = attempts.at(-1)?.worker ?? null;
    const cost_usd = sumCosts(attempts)?.usd ?? null;
    return {
      schema: 1,
      id,
      path,
      title,
      state: 'cancelled',
      reason,
      answer: null,
      finished_at: null,
      worker,
      cost_usd,
      attempts,
    };
  }
  const report = await buildTaskReport(queue, end.view, id);
  const result = report?.result ?? null;
  const attempts = report?.attempts ?? [];
  return {
    schema: 1,
    id,
    path: report?.path ?? `tasks/${id}.md`,
    title,
    state: result?.state ?? 'finished',
    reason: report?.reason ?? '',
    answer: result?.answer ?? null,
    finished_at: result?.finished_at ?? null,
    worker: report?.worker ?? null,
    cost_usd: sumCosts(attempts)?.usd ?? null,
    attempts,
  };
}

/** `done: fix-login-k3f9 on pi (sonnet, 3m 12s, $0.04, 12 turns), branch errand/fix-login-k3f9/1`, and for a failure why. */
export function summarizeEnd({ id, state, reason, attempts }: EndReport): string {
  const last = attempts.at(-1);
  if (last === undefined) return `${state}: ${id}: ${reason}`;
  const tookMs = last.started_at === undefined ? Number.NaN : Date.parse(last.ended_at) - Date.parse(last.started_at);
  const cost = sumCosts(attempts);
  const details = [
    // A command has no model.
    last.agent === 'command' ? undefined : (last.tier ?? last.model),
    tookMs >= 0 ? formatDuration(tookMs) : undefined,
    cost === null ? undefined : formatCost(cost),
    last.turns === undefined ? undefined : `${last.turns} ${last.turns === 1 ? 'turn' : 'turns'}`,
    attempts.length > 1 ? `attempt ${last.attempt}` : undefined,
  ].filter((detail) => detail !== undefined);
  const how = details.length === 0 ? '' : ` (${details.join(', ')})`;
  const branch = last.branch === undefined ? '' : `, branch ${last.branch}`;
  const why = state === 'done' ? '' : `: ${reason}`;
  return `${state}: ${id} on ${last.worker}${how}${branch}${why}`;
}
