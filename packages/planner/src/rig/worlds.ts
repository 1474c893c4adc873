import type {
  AttemptEntry,
  ClaimedRecord,
  Heartbeat,
  KeyHold,
  Outcome,
  ParkedRecord,
  Record,
  Task,
  WaitingRecord,
} from '@errand/task';
import { noObservations, type Observations, observe } from '../observations.ts';
import type { Now, PlanInput } from '../plan-input.ts';
import type { Self } from '../self.ts';
import type { Held, TaskFile, View } from '../view.ts';

/** 2026-11-20 09:00 UTC, the wall clock of every test. */
export const NINE = Date.UTC(2026, 10, 20, 9);
export const nine: Now = { wallMs: NINE, elapsedMs: 0 };

/** A view in which nothing exists but what is given. */
export function buildView(parts: Partial<View> = {}): View {
  const empty = {
    tasks: new Map(),
    results: new Map(),
    records: new Map(),
    workers: new Map(),
    keys: new Map(),
    unreadable: new Map(),
  };
  return { seq: 1, at: 0, readAt: parts.at ?? 0, tip: 'tip', config: null, ...empty, ...parts };
}

export function buildTask(id: string, changes: Partial<Task> = {}, blob = `blob-${id}`): TaskFile {
  const task: Task = {
    id,
    title: `Title of ${id}`,
    prompt: 'Do it.',
    machines: 'any',
    needs: [],
    agent: 'command',
    model: 'auto',
    priority: 5,
    dependsOn: [],
    hold: false,
    deliver: 'none',
    timeoutMs: 1_800_000,
    retries: 2,
    ...changes,
  };
  return { id, path: `tasks/${id}.md`, blob, parsed: { ok: true, value: task } };
}

export function buildInvalid(id: string): TaskFile {
  const problem = {
    path: `tasks/${id}.md`,
    line: 2,
    column: 3,
    code: 'unknown-key',
    message: 'unknown key `kee`',
    hint: 'Write `key`.',
  };
  return { id, path: `tasks/${id}.md`, blob: `blob-${id}`, parsed: { ok: false, problems: [problem] } };
}

export const tasks = (...files: TaskFile[]): View['tasks'] => new Map(files.map((file) => [file.id, file]));

export const results = (...ids: string[]): View['results'] =>
  new Map(ids.map((id) => [id, { id, path: `results/2026-11-19/${id}.md`, blob: `result-${id}` }]));

export const records = (...values: Record[]): View['records'] => new Map(values.map((value) => [value.id, hold(value)]));

/** The oid is told from the nonce, as in git: another nonce is another commit. */
export const hold = <T extends { nonce: string }>(value: T): Held<T> => ({ oid: `oid-${value.nonce}`, value });

export const workers = (...values: Heartbeat[]): View['workers'] => new Map(values.map((value) => [value.machine, hold(value)]));

export const keys = (...values: KeyHold[]): View['keys'] => new Map(values.map((value) => [`hash-${value.key}`, hold(value)]));

export function buildKey(key: string, nonce: string, id: string, worker = 'pi'): KeyHold {
  return { schema: 1, key, nonce, id, worker };
}

export function buildClaim(id: string, worker: string, changes: Partial<ClaimedRecord> = {}): ClaimedRecord {
  const nonce = `claim-${id}`;
  const base = { schema: 1, id, nonce, task: `blob-${id}`, attempts: [], attempt: 1 } as const;
  return {
    ...base,
    attempts: [],
    state: 'claimed',
    worker,
    boot: `boot-${worker}`,
    claimed_at: '2026-11-20T08:00:00Z',
    ...changes,
  };
}

export function buildWaiting(id: string, changes: Partial<WaitingRecord> = {}): WaitingRecord {
  const base = { schema: 1, id, nonce: `waiting-${id}`, task: `blob-${id}` } as const;
  return { ...base, attempts: [], state: 'waiting', reason: 'failed on `pi`: exit status 3', ...changes };
}

export function buildParked(id: string, worker: string, changes: Partial<ParkedRecord> = {}): ParkedRecord {
  const { claimed_at: finished_at, ...claim } = buildClaim(id, worker);
  return { ...claim, state: 'parked', nonce: `parked-${id}`, result_state: 'done', subject: 'done', finished_at, ...changes };
}

export function buildHeartbeat(machine: string, nonce: string, changes: Partial<Heartbeat> = {}): Heartbeat {
  return {
    schema: 1,
    machine,
    boot: `boot-${machine}`,
    state: 'running',
    runs: [],
    version: '0.1.0',
    slots: 2,
    capabilities: [],
    agents: { command: {} },
    interval_s: 60,
    ttl_s: 180,
    at: new Date(NINE).toISOString(),
    nonce,
    ...changes,
  };
}

export const runOf = (
  claim: ClaimedRecord,
  phase: Heartbeat['runs'][number]['phase'] = 'running',
): Heartbeat['runs'][number] => ({
  nonce: claim.nonce,
  id: claim.id,
  attempt: claim.attempt,
  phase,
});

export function buildEntry(outcome: Outcome, changes: Partial<AttemptEntry> = {}): AttemptEntry {
  return { attempt: 1, worker: 'pi', agent: 'command', ended_at: '2026-11-20T09:00:00.000Z', outcome, task: 'blob', ...changes };
}

export function buildSelf(changes: Partial<Self> = {}): Self {
  const nobody = { paused: new Map(), held: new Set<string>(), rolledBack: new Set<string>() };
  return {
    machine: 'laptop',
    capabilities: [],
    agents: ['command'],
    defaultAgent: 'command',
    verifyLines: 'any',
    slotsFree: 2,
    ...nobody,
    ...changes,
  };
}

/** Everything a plan needs, with the view observed once unless observations are given. */
export function buildInput(view: View, changes: Partial<PlanInput> = {}): PlanInput {
  const observations = changes.observations ?? observe(noObservations, view);
  return { view, observations, self: buildSelf(), now: { ...nine, elapsedMs: view.at }, resultStates: new Map(), ...changes };
}

/** Observes the same parts again and again at these elapsed milliseconds; a function gives each view its own parts. */
export function watch(
  atMs: readonly number[],
  parts: (at: number, index: number) => Partial<View>,
): { view: View; observations: Observations } {
  let observations = noObservations;
  let view = buildView();
  atMs.forEach((at, index) => {
    view = buildView({ seq: index + 1, at, ...parts(at, index) });
    observations = observe(observations, view);
  });
  return { view, observations };
}
