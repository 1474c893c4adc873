import { type AgentProgress, sumSpent } from '@errand/agents';
import type { StartedAs } from '@errand/queue';
import type { AttemptEntry } from '@errand/task';
import { readRunLog } from './run-log.ts';

/** What an attempt that died with its worker was and cost, by its journal and its log. Its session is named if a model has answered in it. */
export async function recountLost(logPath: string, started: StartedAs): Promise<Partial<AttemptEntry>> {
  const { session, ...known } = started;
  const spent: AgentProgress[] = [];
  for await (const event of readRunLog(logPath)) if (event.type === 'spent') spent.push(event);
  if (spent.length === 0) return known;
  const { costUsd, tokens } = sumSpent(spent);
  return {
    ...known,
    cost_usd: costUsd,
    cost_estimated: true,
    tokens,
    ...(session === undefined ? {} : { session }),
  };
}
