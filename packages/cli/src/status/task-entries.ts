import { formatCost } from '@errand/task';
import { count, spellAge, spellElapsed, spellLimit } from '../spell.ts';
import type { StatusTask, TaskLine } from '../status-report.ts';
import type { Cell, painter } from '../table.ts';
import type { Entry } from './entry.ts';
import type { RunLine } from './run-lines.ts';
import { STATE_STYLES } from './state-styles.ts';

const ORDER = ['running', 'blocked', 'waiting', 'queued', 'invalid'] as const;

/** The open tasks whose files are valid: those that run first. */
export function listTasks(tasks: readonly StatusTask[]): StatusTask[] {
  return tasks
    .filter(({ state }) => state !== 'invalid')
    .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || (a.id < b.id ? -1 : 1));
}

/** A task as an entry with its reason alone: also one that has finished. */
export function listEntry(
  { state, id, reason }: Pick<TaskLine, 'id' | 'reason'> & { state: keyof typeof STATE_STYLES },
  paint: ReturnType<typeof painter>,
): Entry {
  const cells: Cell[] = [
    { text: state, paint: (text) => paint(STATE_STYLES[state], text) },
    { text: id, whole: true },
  ];
  return { cells, details: [reason] };
}

/** A task as an entry: why it is in its state, and of a running one how far it is. */
export function taskEntry(task: StatusTask, paint: ReturnType<typeof painter>, nowMs: number): Entry {
  const { cells } = listEntry(task, paint);
  return { cells, details: task.run === null ? [task.reason, describeTries(task)] : describeRun(task, task.run, nowMs) };
}

/** How often it was tried, of a task that waits for another attempt. */
function describeTries({ state, attempt }: StatusTask): string {
  return attempt === 0 || state === 'running'
    ? ''
    : `tried ${attempt === 1 ? 'once' : attempt === 2 ? 'twice' : `${attempt} times`}`;
}

function describeRun(
  { reason, worker, attempt, tier, started_at: startedAt }: StatusTask,
  run: RunLine,
  nowMs: number,
): string[] {
  // The rest of the line says so. An attempt begins right after its claim, and only the next heartbeat tells of that.
  const isPlain = reason === `runs on \`${worker}\`` || reason === `claimed by \`${worker}\``;
  const limit = run.timeout_s === null ? '' : ` of ${spellLimit(run.timeout_s)}`;
  const elapsed = startedAt === null ? '' : `${spellElapsed(nowMs - Date.parse(startedAt))}${limit}`;
  const tries = run.tries === null || attempt > run.tries ? `attempt ${attempt}` : `attempt ${attempt} of ${run.tries}`;
  return [
    isPlain ? `${elapsed} on ${worker}` : reason,
    isPlain ? '' : elapsed,
    describeAgent(run, tier),
    tries,
    ...describeProgress(run, nowMs),
  ];
}

/** `claude sonnet`; a model that does not say its tier stands there too. */
function describeAgent({ agent, model }: RunLine, tier: string | null): string {
  if (agent === 'command') return agent;
  const isTold = model === null || (tier !== null && model.includes(tier));
  return [agent, tier, isTold ? null : model].filter((word) => word !== null).join(' ');
}

function describeProgress({ turns, tool_calls: calls, output_at: outputAt, cost_usd: usd }: RunLine, nowMs: number): string[] {
  const talk = [turns ? count(turns, 'turn') : '', calls ? count(calls, 'tool call') : ''].filter((text) => text !== '');
  return [
    talk.join(', '),
    usd === null ? '' : `${formatCost({ usd, estimated: true })} so far`,
    outputAt === null ? '' : `last output ${spellAge(outputAt, nowMs)} ago`,
  ];
}
