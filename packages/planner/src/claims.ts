import type { AttemptEntry, Task, Tier, WaitingRecord } from '@errand/task';
import { gatherContext } from './context.ts';
import { Deal, type LeftTask } from './deal.ts';
import { describeKeyWait, findWait, waitingRecordOf } from './eligibility.ts';
import { nextAttempt } from './history.ts';
import { orderTasks } from './order.ts';
import type { PlanInput } from './plan-input.ts';
import { nextWake } from './timing.ts';
import type { Held, TaskFile } from './view.ts';
import type { Waiting } from './waiting.ts';
import { quote } from './words.ts';

/** A claim to be pushed. */
export interface PlannedClaim {
  id: string;
  file: TaskFile;
  task: Task;
  /** The record to claim over, or null where the ref must not exist. */
  record: Held<WaitingRecord> | null;
  /** Number of the attempt that the claim is for, from 1. */
  attempt: number;
  /** Earlier attempts, oldest first. */
  attempts: readonly AttemptEntry[];
  /** The tier that the last attempt's remedy asked for, unless the task was edited since. */
  tier?: Tier;
  /** The concurrency key to take in the same push. */
  key?: string;
}

export interface ClaimPlan {
  /** In the order of taking; never two with one key, never more than there are free slots. */
  claims: PlannedClaim[];
  /** Every other open task, with what it waits for. */
  waiting: Map<string, Waiting>;
  /** Since when tasks are left to other machines, by id, in elapsed milliseconds: for the next plan. */
  left: Map<string, number>;
  /** The elapsed time in milliseconds when a wait is over by itself, or null. */
  wakeAtElapsedMs: number | null;
}

/**
 * Which tasks this machine claims now, and what each of the others waits for. `limit` bounds the claims of one push; `leftSince` is
 * what the last plan said of tasks that were left to others; `together`: others look at the same moment, since all were told of a change.
 */
export function planClaims(
  input: PlanInput & { limit?: number; leftSince?: ReadonlyMap<string, number>; together?: boolean },
): ClaimPlan {
  const { view, observations, self, now, leftSince = new Map(), together = false } = input;
  const context = gatherContext(input, self);
  const waiting = new Map<string, Waiting>();
  const eligible: TaskFile[] = [];
  for (const file of view.tasks.values()) {
    if (view.results.has(file.id)) continue;
    const wait = findWait(file, self, context);
    if (wait === null) eligible.push(file);
    else waiting.set(file.id, wait);
  }
  const room = Math.max(0, Math.min(self.slotsFree, input.limit ?? self.slotsFree));
  const claims: PlannedClaim[] = [];
  const keys = new Map<string, string>();
  const deal = new Deal(self, context, leftSince, together);
  const isOwn = (task: Task): boolean => room === 0 || deal.isOwn(task);
  const left = new Map<string, number>();
  let leftLevel = Number.POSITIVE_INFINITY;
  for (const { file, task, level, isOwn: isMine } of orderTasks(eligible, observations, now, isOwn)) {
    const holder = task.key === undefined ? undefined : keys.get(task.key);
    if (task.key !== undefined && holder !== undefined) waiting.set(file.id, describeKeyWait(task.key, holder));
    else if (claims.length >= room) waiting.set(file.id, describeSlotsWait(self.machine, self.slotsFree));
    // Nothing less urgent takes the slot that a more urgent task may want in a moment.
    else if (level > leftLevel) waiting.set(file.id, { kind: 'left', text: 'a more urgent task comes first' });
    else {
      const leave = isMine ? null : deal.leave(file, task);
      if (leave !== null) {
        leftLevel = level;
        left.set(file.id, leave.since);
        waiting.set(file.id, describeLeft(leave));
        continue;
      }
      if (task.key !== undefined) keys.set(task.key, quote(file.id));
      claims.push(planClaim(file, task, waitingRecordOf(file, context)));
    }
  }
  return { claims, waiting, left, wakeAtElapsedMs: nextWake(waiting.values(), now) };
}

function planClaim(file: TaskFile, task: Task, record: Held<WaitingRecord> | null): PlannedClaim {
  const attempts = record?.value.attempts ?? [];
  const tier = record?.value.task === file.blob ? record.value.next?.tier : undefined;
  return {
    id: file.id,
    file,
    task,
    record,
    attempt: nextAttempt(attempts),
    attempts,
    ...(tier === undefined ? {} : { tier }),
    ...(task.key === undefined ? {} : { key: task.key }),
  };
}

function describeSlotsWait(machine: string, slotsFree: number): Waiting {
  if (slotsFree <= 0) return { kind: 'slots', text: `waits for a free slot on ${quote(machine)}` };
  return { kind: 'slots', text: `next in line for a slot on ${quote(machine)}` };
}

function describeLeft({ to, dueAt }: LeftTask): Waiting {
  return { kind: 'left', text: `left to ${quote(to)} for a moment`, dueAt };
}
