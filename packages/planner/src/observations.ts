import type { Heartbeat, Record } from '@errand/task';
import { isUnreadable } from './unreadable.ts';
import type { Held, View } from './view.ts';

/** How long an absent machine may stay away whose ttl nobody has heard. */
const DEFAULT_TTL_MS = 180_000;

/**
 * What one observer remembers of the views it has had, all in its own elapsed time. Immutable.
 * Nothing in it comes from another machine's clock: this is what makes staleness safe to judge.
 */
export interface Observations {
  /** Number of the last view, and when its fetch began; null before the first. */
  last: { seq: number; at: number } | null;
  /** By machine: every worker ref, and every owner of a record whose ref is absent. */
  workers: ReadonlyMap<string, WorkerWatch>;
  /** By task id. */
  records: ReadonlyMap<string, RecordWatch>;
  /** By nonce of a claim. */
  claims: ReadonlyMap<string, ClaimWatch>;
  /** By the hash that names the ref. */
  keys: ReadonlyMap<string, KeyWatch>;
  /** When an open task was first seen free to run (not on hold), by id. */
  tasks: ReadonlyMap<string, number>;
}

/** A heartbeat that stands still. */
export interface WorkerWatch {
  /** Null while the ref is absent. */
  oid: string | null;
  /** Since when, over views no further apart than half the ttl, nothing has changed. */
  since: number;
  /** As last announced. */
  ttlMs: number;
}

/** One oid of a task's record. */
export interface RecordWatch {
  oid: string;
  since: number;
  /** In how many views it was seen. */
  views: number;
  /** In how many views in a row its task was not open. */
  closedViews: number;
}

/** A claim whose owner may not know of it. */
export interface ClaimWatch {
  /** The owner's heartbeat in the view that first showed the claim: it may be older than the claim. */
  first: string | null;
  /** Later heartbeats that did not list it, two at most. */
  unlistedBy: readonly string[];
}

/** A key that no record may hold any more. */
export interface KeyWatch {
  oid: string;
  /** In how many views in a row no record had its nonce. */
  orphanViews: number;
}

/** An observer that has seen nothing yet. */
export const noObservations: Observations = {
  last: null,
  workers: new Map(),
  records: new Map(),
  claims: new Map(),
  keys: new Map(),
  tasks: new Map(),
};

/** Adds a view to what was observed. A view that is not newer than the last one changes nothing. */
export function observe(previous: Observations, view: View): Observations {
  if (previous.last !== null && view.seq <= previous.last.seq) return previous;
  return {
    last: { seq: view.seq, at: view.at },
    workers: observeWorkers(previous, view),
    records: mapValues(view.records, (held, id) => observeRecord(previous.records.get(id), held, id, view)),
    claims: observeClaims(previous, view),
    keys: observeKeys(previous, view),
    tasks: observeTasks(previous, view),
  };
}

function observeWorkers(previous: Observations, view: View): Map<string, WorkerWatch> {
  const gapMs = previous.last === null ? 0 : view.at - previous.last.at;
  const watch = (machine: string, oid: string | null, ttlMs: number): WorkerWatch => {
    const before = previous.workers.get(machine);
    const stoodStill = before !== undefined && before.oid === oid && gapMs >= 0 && gapMs <= ttlMs / 2;
    // It may have been written while the fetch was under way, which may take a minute.
    return { oid, since: stoodStill ? before.since : view.readAt, ttlMs };
  };
  const workers = mapValues(view.workers, (held, machine) => watch(machine, held.oid, announcedTtlMs(held.value)));
  for (const { value } of view.records.values()) {
    if (value.state === 'waiting' || workers.has(value.worker) || isUnreadable(view, 'workers', value.worker)) continue;
    workers.set(value.worker, watch(value.worker, null, previous.workers.get(value.worker)?.ttlMs ?? DEFAULT_TTL_MS));
  }
  return workers;
}

function announcedTtlMs(heartbeat: Heartbeat): number {
  return heartbeat.ttl_s > 0 ? heartbeat.ttl_s * 1000 : DEFAULT_TTL_MS;
}

function observeRecord(before: RecordWatch | undefined, held: Held<Record>, id: string, view: View): RecordWatch {
  const closed = view.results.has(id) || !view.tasks.has(id);
  if (before?.oid !== held.oid) return { oid: held.oid, since: view.at, views: 1, closedViews: closed ? 1 : 0 };
  return { ...before, views: before.views + 1, closedViews: closed ? before.closedViews + 1 : 0 };
}

function observeClaims(previous: Observations, view: View): Map<string, ClaimWatch> {
  const claims = new Map<string, ClaimWatch>();
  for (const { value } of view.records.values()) {
    if (value.state !== 'claimed') continue;
    claims.set(value.nonce, observeClaim(previous.claims.get(value.nonce), value.nonce, view.workers.get(value.worker)));
  }
  return claims;
}

function observeClaim(before: ClaimWatch | undefined, nonce: string, owner: Held<Heartbeat> | undefined): ClaimWatch {
  if (before === undefined) return { first: owner?.oid ?? null, unlistedBy: [] };
  if (owner === undefined || owner.value.state === 'tombstone') return before;
  if (listsNonce(owner.value, nonce)) return { ...before, unlistedBy: [] };
  const known = owner.oid === before.first || before.unlistedBy.includes(owner.oid) || before.unlistedBy.length === 2;
  return known ? before : { ...before, unlistedBy: [...before.unlistedBy, owner.oid] };
}

/** Whether this heartbeat says that its worker runs the claim. A later boot may run an earlier one's: only the nonce counts. */
export function listsNonce(heartbeat: Heartbeat, nonce: string): boolean {
  return heartbeat.runs.some((run) => run.nonce === nonce);
}

function observeKeys(previous: Observations, view: View): Map<string, KeyWatch> {
  const nonces = new Set([...view.records.values()].map((held) => held.value.nonce));
  return mapValues(view.keys, (held, hash) => {
    if (nonces.has(held.value.nonce) || isUnreadable(view, 'tasks', held.value.id)) return { oid: held.oid, orphanViews: 0 };
    const before = previous.keys.get(hash);
    return { oid: held.oid, orphanViews: before?.oid === held.oid ? before.orphanViews + 1 : 1 };
  });
}

function observeTasks(previous: Observations, view: View): Map<string, number> {
  const tasks = new Map<string, number>();
  for (const { id, parsed } of view.tasks.values()) {
    if (view.results.has(id) || (parsed?.ok && parsed.value.hold)) continue;
    tasks.set(id, previous.tasks.get(id) ?? view.at);
  }
  return tasks;
}

function mapValues<K, V, W>(map: ReadonlyMap<K, V>, change: (value: V, key: K) => W): Map<K, W> {
  return new Map([...map].map(([key, value]) => [key, change(value, key)]));
}
