import { describe } from 'vitest';
import { describeAncestry } from './describe-ancestry.ts';
import { describeFetch } from './describe-fetch.ts';
import { describePush } from './describe-push.ts';
import type { PortRig } from './port-rig.ts';

/** Holds one implementation of `GitPort` to everything that the queue relies on. */
export function describePort(makeRig: () => Promise<PortRig>): void {
  describe('push', () => describePush(makeRig));
  describe('fetch', () => describeFetch(makeRig));
  describe('ancestry', () => describeAncestry(makeRig));
}
