import type { Rescue } from '@errand/planner';
import type { AttemptEntry, Heartbeat, Result } from '@errand/task';
import { workerRef } from './names.ts';
import { parkResult } from './park.ts';
import type { GitPort, RefUpdate } from './port.ts';
import { writeLoose } from './records.ts';
import { type KeysInView, toWaiting } from './release.ts';

/** What a rescuer must bring: the history of each claim with its `lost` attempt, and the result where it is given up. */
export interface LostClaim {
  claim: Rescue['claims'][number];
  attempts: AttemptEntry[];
  /** Set when this was the second loss in a row: the record is parked with this result instead. */
  giveUp: Result | null;
  reason: string;
  nonce: string;
}

/**
 * The one atomic push that frees a lost machine's claims: each record under its lease, its key, and the machine's own
 * heartbeat ref under a lease on the oid that was judged stale, so that the server checks the proof.
 */
export async function buildRescue(
  port: GitPort,
  view: KeysInView,
  rescue: Rescue,
  claims: readonly LostClaim[],
  tombstone: { by: string; at: string; nonce: string; last: Heartbeat | null },
): Promise<RefUpdate[]> {
  const updates: RefUpdate[] = [];
  for (const { claim, attempts, giveUp, reason, nonce } of claims) {
    const held = { oid: claim.oid, value: claim.record };
    if (giveUp) updates.push(...(await parkResult(port, held, giveUp)).updates);
    else updates.push(...(await toWaiting(port, view, held, { nonce, attempts, reason })));
  }
  if (rescue.tombstone) {
    const body: Heartbeat = {
      ...(tombstone.last ?? neverSeen(rescue)),
      state: 'tombstone',
      runs: [],
      at: tombstone.at,
      nonce: tombstone.nonce,
    };
    const to = await writeLoose(port, `tombstone: ${rescue.machine} was judged lost by ${tombstone.by}`, body);
    updates.push({ ref: workerRef(rescue.machine), to, expect: rescue.heartbeatOid });
  }
  return updates;
}

/** A machine without a heartbeat: its tombstone may only be written where there still is none. */
function neverSeen({ machine, boot }: Rescue): Omit<Heartbeat, 'state' | 'runs' | 'at' | 'nonce'> {
  return { schema: 1, machine, boot, version: 'unknown', slots: 0, capabilities: [], agents: {}, interval_s: 60, ttl_s: 180 };
}
