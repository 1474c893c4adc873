import type { ClaimedRecord, ParkedRecord } from '@errand/task';
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
}

/** In how many views a key must be seen without a holder. */
const ORPHAN_VIEWS = 3;
/** In how many views what belongs to a live worker is left to it. */
const OWNER_FIRST_VIEWS = 2;

/** What is left over in this view. Records of tasks in `held` are this worker's own business. */
export function planSweep(view: View, observations: Observations, held: ReadonlySet<string>): Sweep {
  const sweep: Sweep = { deletions: [], giveBacks: [], foldable: [] };
  for (const [id, { oid, value: record }] of [...view.records].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (held.has(id)) continue;
    const finished = view.results.has(id);
    switch (record.state) {
      case 'waiting':
        if (finished) sweep.deletions.push({ kind: 'record', id, oid, why: 'its task has a result' });
        else if (!view.tasks.has(id)) sweep.deletions.push({ kind: 'record', id, oid, why: 'its task was removed' });
        break;
      case 'claimed':
        if (finished && isOursToTidy(view, observations, id, record)) sweep.giveBacks.push({ id, oid, record });
        break;
      case 'parked':
        if (!isOursToTidy(view, observations, id, record)) break;
        if (finished) sweep.deletions.push(...deleteParked(view, oid, record));
        else sweep.foldable.push({ id, held: { oid, value: record } });
    }
  }
  for (const [hash, { oid }] of view.keys) {
    const watch = observations.keys.get(hash);
    if (watch?.oid !== oid || watch.orphanViews < ORPHAN_VIEWS) continue;
    sweep.deletions.push({ kind: 'key', hash, oid, why: `no record held it in ${ORPHAN_VIEWS} views` });
  }
  return sweep;
}

/** A parked record keeps its key: both go. */
function deleteParked(view: View, oid: string, { id, nonce }: ParkedRecord): Deletion[] {
  const why = 'its task has a result';
  const keys = [...view.keys].filter(([, key]) => key.value.nonce === nonce);
  const releases = keys.map(([hash, { oid: keyOid }]): Deletion => ({ kind: 'key', hash, oid: keyOid, why }));
  return [{ kind: 'record', id, oid, why }, ...releases];
}

/** A live owner is about to do it itself, and a view can show the branch and a record of different moments. */
function isOursToTidy(view: View, observations: Observations, id: string, record: ClaimedRecord | ParkedRecord): boolean {
  if (workerState(observations, view, record.worker) !== 'live') return true;
  const watch = observations.records.get(id);
  const views = view.results.has(id) ? watch?.closedViews : watch?.views;
  return (views ?? 0) >= OWNER_FIRST_VIEWS;
}
