import type { ClaimedRecord, ParkedRecord, Record } from '@errand/task';
import type { Observations } from './observations.ts';
import { workerState } from './staleness.ts';
import type { Held, View } from './view.ts';

/** A ref that has outlived its purpose, with the oid for its lease; `why` is for the log. */
export type Deletion =
  | { kind: 'record'; id: string; oid: string; why: string }
  | { kind: 'key'; hash: string; oid: string; why: string };

export interface Sweep {
  deletions: Deletion[];
  /** Claims on finished tasks: to waiting with their keys released; the next view's sweep deletes them. */
  giveBacks: { id: string; oid: string; record: ClaimedRecord }[];
  /** Parked results that any worker may fold now: the owner is not there, or was slow. */
  foldable: { id: string; held: Held<ParkedRecord> }[];
  /** Something seems to be left over that no live worker will see to; the next view can tell. */
  isUnsure: boolean;
}

/** In how many views a key must be seen without a holder. */
const ORPHAN_VIEWS = 3;
/** In how many views a parked result is left to its owner, while that is live. */
const OWNER_FIRST_VIEWS = 2;
/**
 * In how many views in a row a task must be closed beside the same record before that is taken away. One view can show the branch of
 * an earlier moment than the record: before the task was filed, or before a retry. The branch of the next view is newer than the record,
 * and a live owner has had time to see to it.
 */
const CLOSED_VIEWS = 2;

/** What is left over in this view. Records of tasks in `held` are this worker's own business. */
export function planSweep(view: View, observations: Observations, held: ReadonlySet<string>): Sweep {
  const sweep: Sweep = { deletions: [], giveBacks: [], foldable: [], isUnsure: false };
  for (const [id, { oid, value: record }] of [...view.records].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (held.has(id)) continue;
    const watch = observations.records.get(id);
    const isOwnerLive = record.state !== 'waiting' && workerState(observations, view, record.worker) === 'live';
    const why = whyNeedless(view, id, record);
    if (why === null) {
      const isOwnersTurn = isOwnerLive && (watch?.views ?? 0) < OWNER_FIRST_VIEWS;
      if (record.state === 'parked' && !isOwnersTurn) sweep.foldable.push({ id, held: { oid, value: record } });
    } else if ((watch?.closedViews ?? 0) < CLOSED_VIEWS) sweep.isUnsure ||= !isOwnerLive;
    else if (record.state === 'waiting') sweep.deletions.push({ kind: 'record', id, oid, why });
    else if (record.state === 'claimed') sweep.giveBacks.push({ id, oid, record });
    else sweep.deletions.push(...deleteParked(view, oid, record, why));
  }
  for (const [hash, { oid }] of view.keys) {
    const watch = observations.keys.get(hash);
    if (watch?.oid !== oid || watch.orphanViews < ORPHAN_VIEWS) continue;
    sweep.deletions.push({ kind: 'key', hash, oid, why: `no record held it in ${ORPHAN_VIEWS} views` });
  }
  return sweep;
}

/** Why nothing needs this record any more, or null. */
function whyNeedless(view: View, id: string, { state }: Record): string | null {
  if (view.results.has(id)) return 'its task has a result';
  return state === 'waiting' && !view.tasks.has(id) ? 'its task was removed' : null;
}

/** A parked record keeps its key: both go. */
function deleteParked(view: View, oid: string, { id, nonce }: ParkedRecord, why: string): Deletion[] {
  const keys = [...view.keys].filter(([, key]) => key.value.nonce === nonce);
  const releases = keys.map(([hash, { oid: keyOid }]): Deletion => ({ kind: 'key', hash, oid: keyOid, why }));
  return [{ kind: 'record', id, oid, why }, ...releases];
}
