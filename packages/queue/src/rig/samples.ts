import type { Held, PlannedClaim, View } from '@errand/planner';
import type { AttemptEntry, ClaimedRecord, Heartbeat, Result } from '@errand/task';
import { buildClaim } from '../claim.ts';
import { workerRef } from '../names.ts';
import type { GitPort } from '../port.ts';
import { writeLoose } from '../records.ts';
import { need, pushAll } from './scene.ts';

export const BY_PI = { machine: 'pi', boot: 'boot-pi' };

/** A nonce of the right shape; the same number gives the same one. */
export const nonce = (number: number): string => `01KAB3Z0T9M6Y4V1Q8E7R${String(number).padStart(5, '0')}`;

export function sampleEntry(task: string, changes: Partial<AttemptEntry> = {}): AttemptEntry {
  const ended_at = '2026-11-20T09:12:10.000Z';
  return { attempt: 1, worker: 'pi', agent: 'command', ended_at, outcome: 'failed', cause: 'exit status 3', task, ...changes };
}

export function sampleResult(claim: ClaimedRecord, changes: Partial<Result> = {}): Result {
  return {
    schema: 1,
    id: claim.id,
    state: 'done',
    task: claim.task,
    nonce: claim.nonce,
    finished_at: '2026-11-20T09:12:44.000Z',
    attempts: [...claim.attempts, sampleEntry(claim.task, { attempt: claim.attempt, outcome: 'done' })],
    answer: `the answer of ${claim.id}`,
    taskText: 'Do it.\n',
    ...changes,
  };
}

export function sampleBeat(machine: string, changes: Partial<Heartbeat> = {}): Heartbeat {
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
    at: '2026-11-20T09:00:00.000Z',
    nonce: nonce(1),
    ...changes,
  };
}

/** What the planner would say of this task, with its record if it waits. */
export function plannedClaim(view: View, id: string, key?: string): PlannedClaim {
  const file = need(view.tasks, id);
  if (!file.parsed?.ok) throw new Error(`${id} is not valid: ${JSON.stringify(file.parsed)}`);
  const held = view.records.get(id);
  const record = held?.value.state === 'waiting' ? { oid: held.oid, value: held.value } : null;
  const attempts = record?.value.attempts ?? [];
  return { id, file, task: file.parsed.value, record, attempt: attempts.length + 1, attempts, ...(key !== undefined && { key }) };
}

/** Claims a task for `pi` (or another) and gives the claim as a view would. */
export async function claimTask(
  port: GitPort,
  view: View,
  id: string,
  options: { nonce?: string; key?: string; by?: { machine: string; boot: string } } = {},
): Promise<Held<ClaimedRecord>> {
  const fresh = { nonce: options.nonce ?? nonce(100), claimedAt: '2026-11-20T09:12:30.000Z', tier: 'sonnet' as const };
  const claim = await buildClaim(port, plannedClaim(view, id, options.key), options.by ?? BY_PI, fresh);
  await pushAll(port, claim.updates);
  return { oid: claim.oid, value: claim.record };
}

/** Puts a heartbeat on the remote, over whatever is there. */
export async function pushBeat(port: GitPort, beat: Heartbeat, expect: string | null = null): Promise<string> {
  const to = await writeLoose(port, `${beat.state}: ${beat.machine}`, beat);
  await pushAll(port, [{ ref: workerRef(beat.machine), to, expect }]);
  return to;
}
