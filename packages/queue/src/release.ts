import type { Held, View } from '@errand/planner';
import type { AttemptEntry, ClaimedRecord, ParkedRecord, WaitingNext, WaitingRecord } from '@errand/task';
import { keyHash, keyRef, taskRef } from './names.ts';
import type { GitPort, RefUpdate } from './port.ts';
import { writeRecord } from './records.ts';

/** The keys of a view: what is held, and by which commit. */
export type KeysInView = Pick<View, 'keys'>;

/** The update that frees the concurrency key of a claim, where the view shows that the claim holds it: a key that is gone must not stop anything. */
export function releaseKey({ keys }: KeysInView, { key }: ClaimedRecord | ParkedRecord): RefUpdate[] {
  if (!key) return [];
  const hash = keyHash(key.name);
  return keys.get(hash)?.oid === key.oid ? [{ ref: keyRef(hash), to: null, expect: key.oid }] : [];
}

/** Undoes a claim whose agent never started: the record as it was, the key free, no try counted. */
export async function giveBack(
  port: GitPort,
  view: KeysInView,
  held: Held<ClaimedRecord>,
  nonce: string,
  why: string,
): Promise<RefUpdate[]> {
  const { value: claim, oid } = held;
  if (claim.attempts.length === 0) return [{ ref: taskRef(claim.id), to: null, expect: oid }, ...releaseKey(view, claim)];
  return toWaiting(port, view, held, { nonce, attempts: claim.attempts, reason: why, ...(claim.next && { next: claim.next }) });
}

/** Ends a claim without a result: the record waits, with `attempts` as its history. */
export async function toWaiting(
  port: GitPort,
  view: KeysInView,
  held: Held<ClaimedRecord | ParkedRecord>,
  into: { nonce: string; attempts: AttemptEntry[]; reason: string; next?: WaitingNext },
): Promise<RefUpdate[]> {
  const { value: claim, oid } = held;
  const record: WaitingRecord = {
    schema: 1,
    id: claim.id,
    state: 'waiting',
    nonce: into.nonce,
    task: claim.task,
    reason: into.reason,
    attempts: into.attempts,
    ...(into.next && { next: into.next }),
  };
  const to = await writeRecord(port, `waiting: ${claim.id}, ${into.reason}`, record, oid);
  return [{ ref: taskRef(claim.id), to, expect: oid }, ...releaseKey(view, claim)];
}
