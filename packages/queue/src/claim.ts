import type { PlannedClaim } from '@errand/planner';
import type { ClaimedRecord, Tier } from '@errand/task';
import { keyHash, keyRef, taskRef } from './names.ts';
import type { GitPort, RefUpdate } from './port.ts';
import { writeLoose, writeRecord } from './records.ts';

export interface Claimant {
  machine: string;
  boot: string;
}

/** A claim as written into the clone: push `updates` (atomically when there is a key), then verify. */
export interface Claim {
  id: string;
  oid: string;
  record: ClaimedRecord;
  updates: RefUpdate[];
}

/** Turns a planned claim into a record, and a key's ref where the task has one. `claimedAt` is ISO 8601, UTC. */
export async function buildClaim(
  port: GitPort,
  planned: PlannedClaim,
  by: Claimant,
  fresh: { nonce: string; claimedAt: string; tier: Tier },
): Promise<Claim> {
  const { id, attempt } = planned;
  const updates: RefUpdate[] = [];
  let key: ClaimedRecord['key'];
  const keyName = planned.key;
  if (keyName !== undefined) {
    const hold = { schema: 1, key: keyName, nonce: fresh.nonce, id, worker: by.machine } as const;
    key = { name: keyName, oid: await writeLoose(port, `key ${keyName}: held by ${id}`, hold) };
    updates.push({ ref: keyRef(keyHash(keyName)), to: key.oid, expect: null });
  }
  const record: ClaimedRecord = {
    schema: 1,
    id,
    state: 'claimed',
    nonce: fresh.nonce,
    task: planned.file.blob,
    attempt,
    worker: by.machine,
    boot: by.boot,
    claimed_at: fresh.claimedAt,
    tier: fresh.tier,
    attempts: [...planned.attempts],
    ...(key && { key }),
    ...(planned.record?.value.next && { next: planned.record.value.next }),
  };
  const oid = await writeRecord(port, `claimed: ${id} by ${by.machine}, attempt ${attempt}`, record, planned.record?.oid ?? null);
  updates.unshift({ ref: taskRef(id), to: oid, expect: planned.record?.oid ?? null });
  return { id, oid, record, updates };
}
