import type { ClaimedRecord, Heartbeat, ParkedRecord } from '@errand/task';
import type { Context } from './context.ts';
import { describeInvalid } from './eligibility.ts';
import { othersMayRun } from './rescue.ts';
import { isOnline, workerState } from './staleness.ts';
import type { TaskFile } from './view.ts';
import { quote, spellTime } from './words.ts';

/** What is said of a task that a worker has, and since when (ISO 8601) its attempt runs. */
export function describeRun(
  file: TaskFile,
  record: ClaimedRecord | ParkedRecord,
  context: Context,
): { reason: string; started_at: string | null } {
  const heartbeat = context.view.workers.get(record.worker)?.value;
  const run = heartbeat?.runs.find(({ nonce }) => nonce === record.nonce);
  const startedAt = run?.started_at ?? (record.state === 'claimed' ? record.claimed_at : null);
  const where = record.state === 'parked' ? describeParked(record) : describeOwner(file, record, heartbeat, run?.phase, context);
  const edited = record.task === file.blob ? '' : '; edited since';
  const invalid = file.parsed?.ok ? '' : `, and not valid now: ${describeInvalid(file).text}`;
  return { reason: `${where}${edited}${invalid}`, started_at: startedAt };
}

function describeParked({ worker, result_state: state }: ParkedRecord): string {
  return `finished on ${quote(worker)} (${state}); its result is on the way into the branch`;
}

type Phase = Heartbeat['runs'][number]['phase'];

function describeOwner(
  file: TaskFile,
  record: ClaimedRecord,
  heartbeat: Heartbeat | undefined,
  phase: Phase | undefined,
  context: Context,
): string {
  const { view, observations, now } = context;
  const worker = quote(record.worker);
  const state = workerState(observations, view, record.worker);
  const shared = othersMayRun(file, record.worker);
  const then = (freed: string): string => (shared ? freed : 'the task waits for it, since no other machine may run it');
  switch (state) {
    case 'absent':
      return `claimed by ${worker}, of which there is no heartbeat: ${then('the task is freed when that lasts')}`;
    case 'stopped':
    case 'tombstone':
      return `claimed by ${worker}, which is not running: ${then('the task is freed by the next worker that looks')}`;
    case 'stale':
      return `claimed by ${worker}, which stopped beating: ${then('the task is freed by the next worker that looks')}`;
    case 'live':
      if (heartbeat !== undefined && !isOnline(heartbeat, now.wallMs)) {
        return `claimed by ${worker}, not heard of since ${spellTime(Date.parse(heartbeat.at))}: ${then('a running worker frees the task when that lasts')}`;
      }
      return describePhase(worker, phase);
  }
}

function describePhase(worker: string, phase: Phase | undefined): string {
  switch (phase) {
    case 'running':
      return `runs on ${worker}`;
    case 'finished':
      return `finished on ${worker}; its result is on the way`;
    case 'claimed':
    case undefined:
      return `claimed by ${worker}`;
  }
}
