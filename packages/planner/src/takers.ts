import type { Task } from '@errand/task';
import { type Candidate, findMisfit } from './candidate.ts';
import type { Context } from './context.ts';
import { waitingRecordOf } from './eligibility.ts';
import { findRetryWait } from './retry.ts';
import { countUsedSlots } from './slots.ts';
import type { TaskFile } from './view.ts';
import type { Waiting, WaitingKind } from './waiting.ts';
import { joinClauses, quote, quoteAll, spellTime } from './words.ts';

/** Among machines that cannot take a task, the one that is nearest to it gives the reason. */
const NEAREST_FIRST: readonly WaitingKind[] = ['paused', 'policy', 'agent', 'needs'];

/** Why none of these machines takes the task at its next look, or null where one does. */
export function findMachineWait(file: TaskFile, task: Task, candidates: readonly Candidate[], context: Context): Waiting | null {
  const judged = candidates.map((candidate) => ({ candidate, misfit: findMisfit(task, candidate, context.now.wallMs) }));
  const able = judged.flatMap(({ candidate, misfit }) => (misfit === null ? [candidate.machine] : []));
  if (able.length === 0)
    return describeNobody(
      task,
      judged.flatMap(({ misfit }) => misfit ?? []),
      context,
    );
  const record = waitingRecordOf(file, context);
  const waits = able.map((machine) => ({ machine, wait: findRetryWait(file, task, record, machine, context) }));
  const due = waits.flatMap(({ machine, wait }) => (wait === null ? [machine] : []));
  if (due.length === 0) return waits[0]?.wait ?? null;
  if (isUpToDefault(task, candidates, due)) {
    return { kind: 'agent', text: `names no agent: taken where \`default_agent\` is \`command\`, maybe ${quoteAll(due, 'or')}` };
  }
  return due.every((machine) => isBusy(machine, context))
    ? { kind: 'slots', text: `waits for a free slot on ${quoteAll(due, 'or')}` }
    : null;
}

function describeNobody(task: Task, misfits: readonly Waiting[], context: Context): Waiting {
  const nearest = NEAREST_FIRST.flatMap((kind) => misfits.find((misfit) => misfit.kind === kind) ?? [])[0];
  if (nearest !== undefined) return { ...nearest, text: `${nearest.text}; no other running machine can take it` };
  if (task.machines === 'any') return { kind: 'machine', text: 'no worker is running: start one with `errand worker`' };
  const names = quoteAll(task.machines, 'or');
  const isOne = task.machines.length === 1;
  if (task.machines.every((machine) => context.idle.has(machine))) {
    const text = `is for ${names}, which config/errand.yaml keeps from work: remove \`worker: false\` there, or change \`machine\``;
    return { kind: 'machine', text };
  }
  const heard = task.machines.flatMap((machine) => describeLastHeard(machine, isOne, context) ?? []);
  const since = heard.length === 0 ? '' : ` (${joinClauses(heard)})`;
  const remedy = 'start `errand worker` there, or change `machine`';
  return { kind: 'machine', text: `is for ${names}, which ${isOne ? 'is' : 'are'} not running${since}: ${remedy}` };
}

/** Since when nothing came from a machine, or null where nothing ever did. */
function describeLastHeard(machine: string, isOne: boolean, { view }: Context): string | null {
  const beat = view.workers.get(machine)?.value;
  return beat === undefined ? null : `${isOne ? '' : `${quote(machine)} `}last heard of ${spellTime(Date.parse(beat.at))}`;
}

/** `auto` is `command` only where the machine says so, and heartbeats do not tell. */
function isUpToDefault(task: Task, candidates: readonly Candidate[], due: readonly string[]): boolean {
  const unsure = candidates.filter(
    ({ defaultAgent, agents }) => defaultAgent === undefined && agents.every((agent) => agent === 'command'),
  );
  return task.agent === 'auto' && due.every((machine) => unsure.some((candidate) => candidate.machine === machine));
}

function isBusy(machine: string, { view }: Context): boolean {
  const heartbeat = view.workers.get(machine)?.value;
  return heartbeat?.state === 'running' && countUsedSlots(view, machine) >= heartbeat.slots;
}
