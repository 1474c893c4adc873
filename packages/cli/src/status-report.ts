import type { DescribedTask, Observations, View } from '@errand/planner';
import type { Queue } from '@errand/queue';
import type { Problem, Tier } from '@errand/task';
import { describeHeld, findHeldHere } from './held-here.ts';
import type { Look } from './look.ts';
import { describeMachines, type MachineLine } from './machines/describe-machines.ts';
import { type RecentResult, readRecent } from './recent-results.ts';
import { hidePassword } from './remote-failure.ts';
import type { RunCounter } from './status/run-counts.ts';
import { describeRuns, type RunLine } from './status/run-lines.ts';
import type { Spend } from './status/spend.ts';

/** What `errand status --json` prints. Times are ISO 8601, UTC. */
export interface StatusReport {
  schema: 1;
  queue: string;
  branch: string;
  /** Commit at the branch's tip; null where the branch does not exist yet. */
  head: string | null;
  machines: MachineLine[];
  tasks: StatusTask[];
  invalid: (Pick<Problem, 'path' | 'line' | 'column' | 'code' | 'message'> & { hint: string | null })[];
  /** The last ten, newest first. */
  recent: RecentResult[];
  /** What the attempts that ended today (UTC) cost, those of tasks that are still open among them. */
  spend: Spend;
  /** Ids of tasks filed on this machine that the branch does not have yet. */
  unsent: string[];
  /** Why this is not the queue as it is now but as it was last seen; null where it is. */
  away: { message: string; seen_at: string | null } | null;
}

export type TaskLine = Omit<DescribedTask, 'tier'> & { tier: Tier | null };

/** An open task, and how far its attempt is; `run` is null unless one runs. */
export type StatusTask = TaskLine & { run: RunLine | null };

/** What a report is to be about, and what helps to make it. */
export interface StatusOptions {
  /** Leaves out what is not for this machine. */
  machine?: string;
  /** Reads the logs of attempts on this machine. */
  counter?: RunCounter;
}

const RECENT = 10;

/** The whole report of what a command could see. Only results that it shows, and those of today, are read. */
export async function buildSeenStatus(
  queue: Queue,
  { view, away, seenAt }: Look,
  { machine, counter }: StatusOptions = {},
): Promise<StatusReport> {
  const nowMs = Date.now();
  const { recent, ran, spend } = await readRecent(queue, view, RECENT, nowMs);
  const described = await describeOpenTasks(queue, view, ran);
  const tasks = described.filter((task) => machine === undefined || isFor(task, machine));
  const { machines: listed } = queue.config;
  const machines = (await describeMachines(view, listed, nowMs)).filter(
    ({ name, presence }) => presence !== 'unseen' || listed[name]?.worker !== false,
  );
  return {
    schema: 1,
    queue: hidePassword(queue.remote),
    branch: queue.branch,
    head: view.tip,
    machines: machines.filter(({ name }) => machine === undefined || name === machine),
    tasks: await describeRuns(tasks, view, counter),
    invalid: [...queue.configProblems.map(showProblem), ...listInvalid(view, tasks)],
    recent: recent.filter(({ worker }) => machine === undefined || worker === machine),
    spend,
    unsent: (await queue.outbox.pending()).map(({ id }) => id),
    away: away && { message: away.message, seen_at: seenAt === null ? null : new Date(seenAt).toISOString() },
  };
}

/**
 * Every open task, as a person who looks now is told of it. `ran`: the blob that a result is about, by id; where it is given,
 * a finished task whose file has changed since is among them. `before`: what somebody who has looked for longer has observed.
 */
export async function describeOpenTasks(
  queue: Queue,
  view: View,
  ran?: ReadonlyMap<string, string>,
  before?: Observations,
): Promise<TaskLine[]> {
  const { describeTasks, noObservations, observe } = await import('@errand/planner');
  const { readResultStates } = await import('@errand/queue');
  const resultStates = await readResultStates(queue.port, view, queue.resultStateCache);
  const now = { wallMs: Date.now(), elapsedMs: view.at };
  const idle = new Set(Object.entries(queue.config.machines).flatMap(([name, { worker }]) => (worker ? [] : [name])));
  const tasks = describeTasks(view, observe(before ?? noObservations, view), null, now, resultStates, ran, idle);
  const held = await findHeldHere(queue, view);
  return tasks.map((task) => {
    const { id, path, title, state, reason, machine, tier, attempt, worker, started_at } = task;
    const line = { id, path, title, state, reason, machine, tier, attempt, worker, started_at };
    const isHeld = held?.ids.has(id) && state === 'queued' && isFor(line, held.machine);
    return isHeld ? { ...line, state: 'waiting', reason: describeHeld(id) } : line;
  });
}

/** Whether a machine may run the task, or runs it. */
export function isFor({ machine, worker }: TaskLine, name: string): boolean {
  return worker === name || machine === 'any' || machine.split(', ').includes(name);
}

function showProblem(problem: Problem): StatusReport['invalid'][number] {
  return { ...problem, hint: problem.hint ?? null };
}

function listInvalid(view: View, tasks: readonly TaskLine[]): StatusReport['invalid'] {
  const invalid: StatusReport['invalid'] = [];
  for (const { id, path, state, reason } of tasks) {
    if (state !== 'invalid') continue;
    const parsed = view.tasks.get(id)?.parsed;
    if (parsed?.ok === false) {
      for (const problem of parsed.problems) invalid.push(showProblem(problem));
    } else if (view.results.has(id)) {
      const hint = 'Rename the new task, or errand retry it to run it in place of the old one.';
      invalid.push({ path, line: 1, column: 1, code: 'id-finished', message: reason, hint });
    } else {
      const hint = 'Take one of these out of depends_on.';
      invalid.push({ path, line: 1, column: 1, code: 'dependency-cycle', message: reason, hint });
    }
  }
  return invalid;
}
