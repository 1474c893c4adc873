import type { Candidate, Self, View } from '@errand/planner';
import type { OutboxEntry, Queue } from '@errand/queue';
import type { AttemptEntry, Problem, Result } from '@errand/task';
import { describeHeld, findHeldHere } from './held-here.ts';
import { findKeptHere, type KeptResult } from './kept-here.ts';
import { spellTime } from './spell.ts';
import { describeOpenTasks } from './status-report.ts';

/** What `errand show --json` prints. */
export interface TaskReport {
  schema: 1;
  id: string;
  path: string;
  title: string;
  /** A state of an open task, one of a result, or `unsent`: filed on this machine and not in the queue yet. */
  state: string;
  reason: string;
  machine: string;
  worker: string | null;
  started_at: string | null;
  attempts: AttemptEntry[];
  /** Results of it that are on this machine alone. */
  kept: KeptResult[];
  /** For a task that does not run: why each worker does not take it; null where it would. */
  machines: { name: string; reason: string | null }[];
  problems: Problem[];
  /** The task file. */
  text: string | null;
  result: { path: string; state: Result['state']; finished_at: string; answer: string } | null;
}

/** Everything about one task, or null where the queue has none of that id. */
export async function buildTaskReport(queue: Queue, view: View, id: string, unsent?: OutboxEntry): Promise<TaskReport | null> {
  const report = await describeTask(queue, view, id, unsent);
  return report && { ...report, kept: await findKeptHere(queue.dir, id) };
}

type Described = Omit<TaskReport, 'kept'>;

async function describeTask(queue: Queue, view: View, id: string, unsent?: OutboxEntry): Promise<Described | null> {
  const result = await readResult(queue, view, id);
  if (result) return result;
  const task = view.tasks.get(id);
  if (!task) return unsent ? describeUnsent(unsent) : null;
  const open = (await describeOpenTasks(queue, view)).find((described) => described.id === id);
  const { readBlob } = await import('@errand/queue');
  const text = (await readBlob(queue.port, task.blob))?.toString('utf8') ?? null;
  return {
    schema: 1,
    id,
    path: task.path,
    title: open?.title ?? id,
    state: open?.state ?? 'queued',
    reason: open?.reason ?? '',
    machine: open?.machine ?? 'any',
    worker: open?.worker ?? null,
    started_at: open?.started_at ?? null,
    attempts: view.records.get(id)?.value.attempts ?? [],
    machines: open?.state === 'queued' || open?.state === 'waiting' ? await askMachines(queue, view, id) : [],
    problems: task.parsed?.ok === false ? task.parsed.problems : [],
    text,
    result: null,
  };
}

function describeUnsent({ id, content, createdAt }: OutboxEntry): Described {
  const reason = `filed on this machine at ${spellTime(createdAt)} and not sent yet: the next errand command that reaches the queue sends it`;
  const base = { schema: 1, id, path: `tasks/${id}.md`, title: id, state: 'unsent', reason, machine: 'any' } as const;
  return { ...base, worker: null, started_at: null, attempts: [], machines: [], problems: [], text: content, result: null };
}

async function readResult(queue: Queue, view: View, id: string): Promise<Described | null> {
  const file = view.results.get(id);
  if (!file) return null;
  const { readBlob } = await import('@errand/queue');
  const { parseResult, titleOf } = await import('@errand/task');
  const content = await readBlob(queue.port, file.blob);
  const parsed = content === null ? null : parseResult(file.path, content.toString('utf8'));
  const base = { schema: 1, id, path: file.path, started_at: null, machines: [] as TaskReport['machines'] } as const;
  if (!parsed?.ok) {
    const reason = content === null ? 'the remote did not send its result' : 'its result cannot be read';
    return {
      ...base,
      title: id,
      state: 'finished',
      reason,
      machine: 'any',
      worker: null,
      attempts: [],
      problems: parsed?.problems ?? [],
      text: null,
      result: null,
    };
  }
  const { state, finished_at, answer, attempts, taskText } = parsed.value;
  const last = attempts.at(-1);
  const changed = view.tasks.get(id)?.blob !== undefined && view.tasks.get(id)?.blob !== parsed.value.task;
  const again = changed ? `; tasks/${id}.md is another text by now and does not run: rename it, or errand retry ${id}` : '';
  const reason = `${last?.cause === undefined ? '' : `${last.cause}; `}finished at ${spellTime(finished_at)}${again}`;
  const title = titleOf(taskText.replace(/^---\n[\s\S]*?\n---\n/, '')) || id;
  const result = { path: file.path, state, finished_at, answer };
  return {
    ...base,
    title,
    state,
    reason,
    machine: last?.worker ?? 'any',
    worker: last?.worker ?? null,
    attempts,
    problems: [],
    text: taskText,
    result,
  };
}

/** What each worker that is online would say, by what its heartbeat announces. */
async function askMachines(queue: Queue, view: View, id: string): Promise<TaskReport['machines']> {
  const { candidateOfHeartbeat, countUsedSlots, eligibility, isOnline, noObservations, observe } = await import(
    '@errand/planner'
  );
  const { readResultStates } = await import('@errand/queue');
  const task = view.tasks.get(id);
  if (!task) return [];
  const resultStates = await readResultStates(queue.port, view, queue.resultStateCache);
  const observations = observe(noObservations, view);
  const now = { wallMs: Date.now(), elapsedMs: view.at };
  const held = await findHeldHere(queue, view);
  return [...view.workers.values()].flatMap(({ value }) => {
    if (!isOnline(value, now.wallMs)) return [];
    const used = countUsedSlots(view, value.machine);
    const judged = eligibility(task, {
      view,
      observations,
      self: selfOf(value.slots - used, candidateOfHeartbeat(value.machine, value)),
      now,
      resultStates,
    });
    const full = used >= value.slots ? `waits for a free slot, all ${value.slots} are in use` : null;
    const kept = held?.machine === value.machine && held.ids.has(id) ? describeHeld(id) : full;
    return [{ name: value.machine, reason: judged.ok ? kept : judged.waiting.text }];
  });
}

function selfOf(slotsFree: number, candidate: Candidate): Self {
  return {
    ...candidate,
    defaultAgent: candidate.defaultAgent ?? null,
    verifyLines: candidate.verifyLines ?? 'any',
    slotsFree,
    held: new Set(),
    rolledBack: new Set(),
  };
}
