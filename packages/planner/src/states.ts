import type { Tier } from '@errand/task';
import type { Candidate } from './candidate.ts';
import { type Context, gatherContext } from './context.ts';
import { dayOf } from './dependencies.ts';
import { describeInvalid, findSharedWait } from './eligibility.ts';
import { nextAttempt } from './history.ts';
import type { Observations } from './observations.ts';
import type { Now, ResultStates } from './plan-input.ts';
import { describeRun } from './running.ts';
import type { Self } from './self.ts';
import { isOnline } from './staleness.ts';
import { findMachineWait } from './takers.ts';
import type { TaskFile, View } from './view.ts';
import type { Waiting } from './waiting.ts';
import { quote } from './words.ts';

/**
 * The state of an open task, worked out anew from every view.
 *
 *             ┌───────── an edit ─────────┐
 *             ▼                           │
 *   filed ──▶ invalid                  waiting ◀── hold, time, dependency, key, pause, retry
 *     │                                 ▲   │
 *     └──────▶ queued ──────────────────┘   │ nothing keeps it any more
 *               ▲ │ claimed                 │
 *               │ ▼                         │
 *               │ running ──▶ (result)      │
 *               └───────────────────────────┘
 *
 * `queued`: only a machine is wanted; `waiting`: something must happen or pass first. */
export type TaskState = 'queued' | 'waiting' | 'running' | 'blocked' | 'invalid';

/** An open task as people are shown it. */
export interface DescribedTask {
  id: string;
  path: string;
  title: string;
  state: TaskState;
  /** One clause: why it is in this state, and what to do where something can be done. */
  reason: string;
  /** Where it may run: `any`, or names with commas. */
  machine: string;
  /** The attempt that runs, else how many have run: 0 for none. */
  attempt: number;
  /** Who runs it. */
  worker: string | null;
  /** ISO 8601, UTC. */
  started_at: string | null;
  /** The tier of the running attempt, or the one that the next is to have; null where routing decides. */
  tier: Tier | null;
}

/**
 * Every open task, by id, as this view shows it; `self` is the machine that looks, where it is a worker. A finished task is
 * among them only where `finishedBlobs` (the blob each result ran, by id) shows that its file has changed since. `idle`: the
 * machines that the queue's file lists with `worker: false`.
 */
export function describeTasks(
  view: View,
  observations: Observations,
  self: Self | null,
  now: Now,
  resultStates: ResultStates,
  finishedBlobs: ReadonlyMap<string, string> = new Map(),
  idle: ReadonlySet<string> = new Set(),
): DescribedTask[] {
  const gathered = gatherContext({ view, observations, now, resultStates }, self);
  const others = gathered.others.filter(({ machine }) => !idle.has(machine) && isSeenOnline(machine, gathered));
  const context = { ...gathered, others, idle };
  const candidates = self === null ? others : [self, ...others];
  const files = [...view.tasks.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return files.flatMap((file) => {
    if (!view.results.has(file.id)) return [describeOpen(file, candidates, context)];
    const ran = finishedBlobs.get(file.id);
    return ran === undefined || ran === file.blob ? [] : [describeReused(file, context)];
  });
}

function isSeenOnline(machine: string, { view, now }: Context): boolean {
  const held = view.workers.get(machine);
  return held !== undefined && isOnline(held.value, now.wallMs);
}

function describeOpen(file: TaskFile, candidates: readonly Candidate[], context: Context): DescribedTask {
  const record = context.view.records.get(file.id)?.value;
  const described = describeFile(file);
  if (record?.state === 'claimed' || record?.state === 'parked') {
    const tier = record.state === 'claimed' ? (record.tier ?? null) : null;
    const { attempt, worker } = record;
    return { ...described, state: 'running', attempt, worker, tier, ...describeRun(file, record, context) };
  }
  const attempt = nextAttempt(record?.attempts ?? []) - 1;
  if (!file.parsed?.ok) return { ...described, attempt, state: 'invalid', reason: describeInvalid(file).text };
  const task = file.parsed.value;
  const tier = record?.task === file.blob ? (record.next?.tier ?? null) : null;
  const wait = findSharedWait(file, task, context) ?? findMachineWait(file, task, candidates, context);
  const state = wait === null ? 'queued' : stateOf(wait);
  return { ...described, attempt, tier, state, reason: wait?.text ?? 'a worker takes it at its next look' };
}

function describeReused(file: TaskFile, { view }: Context): DescribedTask {
  const result = view.results.get(file.id);
  const day = result === undefined ? '' : ` on ${dayOf(result)}`;
  const reason = `${quote(file.id)} finished${day}: rename it, or \`errand retry ${file.id}\``;
  return { ...describeFile(file), state: 'invalid', reason };
}

function describeFile({ id, path, parsed }: TaskFile): Omit<DescribedTask, 'state' | 'reason'> {
  const task = parsed?.ok ? parsed.value : null;
  const machine = task === null || task.machines === 'any' ? 'any' : task.machines.join(', ');
  return { id, path, title: task?.title ?? id, machine, attempt: 0, worker: null, started_at: null, tier: null };
}

function stateOf({ kind }: Waiting): TaskState {
  switch (kind) {
    case 'invalid':
      return 'invalid';
    case 'running':
    case 'claimed-elsewhere':
    case 'parked':
      return 'running';
    case 'machine':
    case 'needs':
    case 'agent':
    case 'policy':
    case 'slots':
    case 'left':
      return 'queued';
    case 'finished':
    case 'unreadable':
    case 'rolled-back':
    case 'hold':
    case 'not-before':
    case 'depends-on':
    case 'paused':
    case 'retry':
    case 'key':
      return 'waiting';
  }
}
