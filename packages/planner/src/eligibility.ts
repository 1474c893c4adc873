import type { Task, WaitingRecord } from '@errand/task';
import { findMisfit } from './candidate.ts';
import { type Context, gatherContext } from './context.ts';
import { unmetDependencies } from './dependencies.ts';
import type { PlanInput } from './plan-input.ts';
import { findRetryWait } from './retry.ts';
import type { Self } from './self.ts';
import { findUnreadableKey, findUnreadableRecord } from './unreadable.ts';
import type { Held, TaskFile } from './view.ts';
import type { Waiting } from './waiting.ts';
import { quote, quoteAll, spellTime } from './words.ts';

export type Eligibility = { ok: true } | { ok: false; waiting: Waiting };

/** Whether this machine may claim the task now, and if not, why. Slots and the plan's other claims are not looked at. */
export function eligibility(file: TaskFile, input: PlanInput): Eligibility {
  const waiting = findWait(file, input.self, gatherContext(input, input.self));
  return waiting === null ? { ok: true } : { ok: false, waiting };
}

/** `eligibility` with the context at hand: what keeps this machine from claiming the task, or null. */
export function findWait(file: TaskFile, self: Self, context: Context): Waiting | null {
  const taken = findTaken(file, self, context);
  if (taken !== null) return taken;
  if (!file.parsed?.ok) return describeInvalid(file);
  const task = file.parsed.value;
  return (
    findSharedWait(file, task, context) ??
    findMisfitHere(task, self, context) ??
    findRetryWait(file, task, waitingRecordOf(file, context), self.machine, context, self.paused)
  );
}

/** What keeps every machine from the task: its file, its neighbours, the clock. */
export function findSharedWait(file: TaskFile, task: Task, context: Context): Waiting | null {
  const { cycles, rolledBack, now, view, keyHolders } = context;
  const unreadable = findUnreadableRecord(view, file.id);
  if (unreadable !== null) return unreadable;
  const cycle = cycles.get(file.id);
  if (cycle !== undefined) return { kind: 'invalid', text: `depends on itself: ${cycle.join(' → ')}` };
  if (rolledBack.has(file.id)) {
    const text = `the branch was moved back, and ${quote(file.id)} had finished: edit it or \`errand retry ${file.id}\` to run it again`;
    return { kind: 'rolled-back', text };
  }
  if (task.hold) return { kind: 'hold', text: `on hold: ${quote(`errand edit ${file.id} --no-hold`)} lets it run` };
  if (task.notBefore !== undefined && task.notBefore > now.wallMs) {
    return { kind: 'not-before', text: `not before ${spellTime(task.notBefore)}`, until: task.notBefore };
  }
  const dependencies = unmetDependencies(task.dependsOn, context);
  if (dependencies !== null) return dependencies;
  if (task.key === undefined) return null;
  const holder = keyHolders.get(task.key);
  return holder === undefined ? findUnreadableKey(view, task.key) : describeKeyWait(task.key, holder);
}

/** The wait for a concurrency key; `holder` is a clause that names who has it. */
export function describeKeyWait(key: string, holder: string): Waiting {
  return { kind: 'key', text: `waits for the key ${quote(key)}, which ${holder} holds` };
}

/** The record of a task that waits, or null where it has none. */
export function waitingRecordOf(file: TaskFile, { view }: Context): Held<WaitingRecord> | null {
  const held = view.records.get(file.id);
  return held?.value.state === 'waiting' ? { oid: held.oid, value: held.value } : null;
}

/** The wait of a task whose file cannot be read as one. */
export function describeInvalid(file: TaskFile): Waiting {
  if (file.parsed === null || file.parsed.ok) return { kind: 'invalid', text: 'its file was not read' };
  const { problems } = file.parsed;
  const first = problems[0];
  if (first === undefined) return { kind: 'invalid', text: 'its file is not valid' };
  const rest = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const hint = first.hint === undefined ? '' : `. ${first.hint}`;
  return { kind: 'invalid', text: `line ${first.line}, column ${first.column}: ${first.message}${rest}${hint}` };
}

function findTaken(file: TaskFile, self: Self, { view }: Context): Waiting | null {
  if (view.results.has(file.id)) return { kind: 'finished', text: 'has a result' };
  const unreadable = findUnreadableRecord(view, file.id);
  if (unreadable !== null) return unreadable;
  const record = view.records.get(file.id)?.value;
  if (self.held.has(file.id) || (record?.state === 'claimed' && record.worker === self.machine)) {
    return { kind: 'running', text: 'claimed by this machine' };
  }
  switch (record?.state) {
    case 'claimed':
      return { kind: 'claimed-elsewhere', text: `${quote(record.worker)} has claimed it (attempt ${record.attempt})` };
    case 'parked':
      return { kind: 'parked', text: `finished on ${quote(record.worker)}; its result is on the way into the branch` };
    case 'waiting':
    case undefined:
      return null;
  }
}

function findMisfitHere(task: Task, self: Self, context: Context): Waiting | null {
  const misfit = findMisfit(task, self, context.now.wallMs);
  if (misfit === null || misfit.kind === 'machine') return misfit;
  const able = context.others
    .filter((other) => findMisfit(task, other, context.now.wallMs) === null)
    .map(({ machine }) => machine);
  const elsewhere = able.length === 0 ? 'and no other running machine can take it' : `${quoteAll(able, 'or')} can take it`;
  return { ...misfit, text: `${misfit.text}; ${elsewhere}` };
}
