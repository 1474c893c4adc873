import type { DescribedTask, Observations, View } from '@errand/planner';
import type { Queue } from '@errand/queue';
import type { Heartbeat, Problem, Tier } from '@errand/task';
import type { Look } from './look.ts';
import { type RecentResult, readRecent } from './recent-results.ts';

/** What `errand status --json` prints. Times are ISO 8601, UTC. */
export interface StatusReport {
  schema: 1;
  queue: string;
  branch: string;
  /** Commit at the branch's tip; null where the branch does not exist yet. */
  head: string | null;
  machines: MachineLine[];
  tasks: TaskLine[];
  invalid: (Pick<Problem, 'path' | 'line' | 'column' | 'code' | 'message'> & { hint: string | null })[];
  /** The last ten, newest first. */
  recent: RecentResult[];
  /** Ids of tasks filed on this machine that the branch does not have yet. */
  unsent: string[];
  /** Why this is not the queue as it is now but as it was last seen; null where it is. */
  away: { message: string; seen_at: string | null } | null;
}

export interface MachineLine {
  name: string;
  online: boolean;
  slots: number;
  /** Ids of the tasks that it runs. */
  running: string[];
  capabilities: string[];
  /** The agents that its last heartbeat announced, by name; a pause only while it lasts. */
  agents: AgentLine[];
}

/** An agent of a machine, and until when (ISO 8601, UTC) it is not used there. */
export interface AgentLine {
  name: string;
  paused_until: string | null;
  /** Why, for people. */
  reason: string | null;
}

export type TaskLine = Omit<DescribedTask, 'tier'> & { tier: Tier | null };

const RECENT = 10;

/** Works the report out from a view; only results that it shows are read. `machine` leaves out what is not for that one. */
async function buildStatus(queue: Queue, view: View, machine?: string): Promise<Omit<StatusReport, 'unsent' | 'away'>> {
  const { recent, ran } = await readRecent(queue, view, RECENT);
  const described = await describeOpenTasks(queue, view, ran);
  const tasks = described.filter((task) => machine === undefined || isFor(task, machine));
  return {
    schema: 1,
    queue: queue.remote,
    branch: queue.branch,
    head: view.tip,
    machines: (await describeMachines(view, Date.now())).filter(({ name }) => machine === undefined || name === machine),
    tasks,
    invalid: [...queue.configProblems.map(showProblem), ...listInvalid(view, tasks)],
    recent: recent.filter(({ worker }) => machine === undefined || worker === machine),
  };
}

/** The whole report of what a command could see. */
export async function buildSeenStatus(queue: Queue, { view, away, seenAt }: Look, machine?: string): Promise<StatusReport> {
  return {
    ...(await buildStatus(queue, view, machine)),
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
  const tasks = describeTasks(view, observe(before ?? noObservations, view), null, now, resultStates, ran);
  return tasks.map(({ id, path, title, state, reason, machine, tier, attempt, worker, started_at }) => {
    return { id, path, title, state, reason, machine, tier, attempt, worker, started_at };
  });
}

/** Whether a machine may run the task, or runs it. */
export function isFor({ machine, worker }: TaskLine, name: string): boolean {
  return worker === name || machine === 'any' || machine.split(', ').includes(name);
}

async function describeMachines(view: View, nowMs: number): Promise<MachineLine[]> {
  const { isOnline } = await import('@errand/planner');
  const listed = await listMachines(view);
  const names = [...new Set([...view.workers.keys(), ...listed.keys()])].sort();
  return names.map((name) => {
    const beat = view.workers.get(name)?.value;
    const online = beat !== undefined && isOnline(beat, nowMs);
    const claims = [...view.records.values()].flatMap(({ value }) =>
      value.state === 'claimed' && value.worker === name ? [value.id] : [],
    );
    const capabilities = [...new Set([...(beat?.capabilities ?? []), ...(listed.get(name) ?? [])])];
    return { name, online, slots: beat?.slots ?? 0, running: claims.sort(), capabilities, agents: describeAgents(beat, nowMs) };
  });
}

function describeAgents(beat: Heartbeat | undefined, nowMs: number): AgentLine[] {
  const agents = Object.entries(beat?.agents ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return agents.map(([name, { paused_until: until, reason }]) => {
    const isPaused = until !== undefined && Date.parse(until) > nowMs;
    return { name, paused_until: isPaused ? until : null, reason: isPaused ? (reason ?? null) : null };
  });
}

/** Capabilities of the machines that the queue's file lists as workers. A file with an error lists none. */
async function listMachines(view: View): Promise<Map<string, string[]>> {
  // Most queues list nobody, and reading the file costs what a whole command may cost.
  if (!view.config || !/^[^#\s]*\s*["']?machines["']?\s*:|^\s*\{/m.test(view.config.text)) return new Map();
  const { parseQueueConfig } = await import('@errand/config');
  const parsed = parseQueueConfig('config/errand.yaml', view.config.text);
  if (!parsed.ok) return new Map();
  return new Map(
    Object.entries(parsed.value.machines).flatMap(([name, { capabilities, worker }]) => (worker ? [[name, capabilities]] : [])),
  );
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
