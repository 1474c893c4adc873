import type { AttemptEntry, ClaimedRecord } from '@errand/task';
import { listsNonce, type Observations } from './observations.ts';
import { remedy } from './remedy.ts';
import { stoodStillFor, workerState } from './staleness.ts';
import type { TaskFile, View } from './view.ts';

/** Why a claim may be taken from its owner. */
export type RescueReason = 'stale' | 'tombstone' | 'absent' | 'stopped' | 'unlisted';

/** The claims of one machine that are to be freed in one atomic push. */
export interface Rescue {
  machine: string;
  /** The proof: the oid that was judged, on which the tombstone's lease stands; null where the ref must still not exist. */
  heartbeatOid: string | null;
  /** Boot of that heartbeat, or of the first claim where there is none. */
  boot: string;
  /** False for unlisted claims: their owner lives, and its heartbeat is left alone. */
  tombstone: boolean;
  claims: RescuedClaim[];
}

export interface RescuedClaim {
  id: string;
  oid: string;
  record: ClaimedRecord;
  reason: RescueReason;
  /** The tries are used up, or it is the second loss in a row: parked with a failed result, not waiting. */
  giveUp: boolean;
}

/**
 * Whose claims are to be freed. Claims of this boot never are; those of this machine's other boots only when its own
 * heartbeats do not list them (a state directory that was wiped leaves such). What only its owner may run waits for it.
 */
export function planRescues(view: View, observations: Observations, self: { machine: string; boot: string }): Rescue[] {
  const rescues = new Map<string, Rescue>();
  for (const [id, { oid, value: record }] of [...view.records].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (record.state !== 'claimed' || record.boot === self.boot) continue;
    const own = record.worker === self.machine;
    const reason = own ? unlisted(view, observations, record) : reasonToFree(view, observations, record);
    const task = view.tasks.get(id);
    if (reason === null || !(own || othersMayRun(task, record.worker))) continue;
    const heartbeat = view.workers.get(record.worker);
    const rescue = rescues.get(record.worker) ?? {
      machine: record.worker,
      heartbeatOid: heartbeat?.oid ?? null,
      boot: heartbeat?.value.boot ?? record.boot,
      tombstone: reason !== 'unlisted',
      claims: [],
    };
    rescue.claims.push({ id, oid, record, reason, giveUp: isLastLoss(record, task, view) });
    rescues.set(record.worker, rescue);
  }
  return [...rescues.values()];
}

/** Whether a machine other than the owner may run the task. What has no valid file binds nobody to one machine. */
export function othersMayRun(task: TaskFile | undefined, owner: string): boolean {
  if (!task?.parsed?.ok || task.parsed.value.machines === 'any') return true;
  return task.parsed.value.machines.some((machine) => machine !== owner);
}

function reasonToFree(view: View, observations: Observations, record: ClaimedRecord): RescueReason | null {
  const state = workerState(observations, view, record.worker);
  switch (state) {
    case 'live':
      return unlisted(view, observations, record);
    case 'absent': {
      const { ms, ttlMs } = stoodStillFor(observations, record.worker);
      return ms >= ttlMs ? 'absent' : null;
    }
    case 'stale':
    case 'stopped':
    case 'tombstone':
      return state;
  }
}

function unlisted(view: View, observations: Observations, record: ClaimedRecord): RescueReason | null {
  const heartbeat = view.workers.get(record.worker);
  if (heartbeat === undefined || heartbeat.value.state === 'tombstone' || listsNonce(heartbeat.value, record.nonce)) return null;
  return (observations.claims.get(record.nonce)?.unlistedBy.length ?? 0) >= 2 ? 'unlisted' : null;
}

/** A task that was edited since starts from zero, one that was removed or has a result is not to get a failed one. */
function isLastLoss(record: ClaimedRecord, task: TaskFile | undefined, view: View): boolean {
  if (task === undefined || task.blob !== record.task || view.results.has(task.id)) return false;
  const lost: AttemptEntry = {
    attempt: record.attempt,
    worker: record.worker,
    agent: '',
    ended_at: record.claimed_at,
    outcome: 'lost',
    task: record.task,
  };
  const retries = task.parsed?.ok ? task.parsed.value.retries : Number.POSITIVE_INFINITY;
  return remedy(lost, { kind: 'plain' }, record.attempts, { retries }, () => 0).kind === 'record';
}
