import { endAtOnce } from './create-unit.ts';
import { openGrip } from './open-unit.ts';
import type { UnitEnd, UnitRef } from './unit.ts';

/** What there was of a unit of an earlier boot: how many processes ran, and which could not be ended. */
export interface LeftoverEnd extends UnitEnd {
  found: number;
}

/** Ends what is left of a unit that an earlier boot of the worker started: KILL, without a grace. Never rejects. */
export async function endLeftover(ref: UnitRef): Promise<LeftoverEnd> {
  const grip = openGrip(ref, { fresh: false });
  if (grip === null) return { found: 0, left: [] };
  const found = grip.members().length;
  return { found, ...(await endAtOnce(grip)) };
}
