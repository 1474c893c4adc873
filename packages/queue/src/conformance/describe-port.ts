import { describe } from 'vitest';
import { describeAncestry } from './describe-ancestry.ts';
import { describeFetch } from './describe-fetch.ts';
import { describePush } from './describe-push.ts';
import type { PortRig } from './port-rig.ts';

/** Holds one implementation of `GitPort` to everything that the queue relies on. `missing` says why it cannot run here. */
export function describePort(name: string, makeRig: () => Promise<PortRig>, missing: string | null = null): void {
  const title = missing === null ? `a port over ${name}` : `a port over ${name} (${missing})`;
  describe.skipIf(missing !== null && process.env.CI !== 'true')(title, () => {
    describe('push', () => describePush(makeRig));
    describe('fetch', () => describeFetch(makeRig));
    describe('ancestry', () => describeAncestry(makeRig));
  });
}
