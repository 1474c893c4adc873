import type { RefUpdate } from '@errand/queue';
import type { MemoryObjects } from '../../packages/testing/src/memory/memory-objects.ts';

const MAIN = 'refs/heads/main';
/** What the server lets nobody push, in an answer. */
export const SECRET = 'sk-ant-secret';

/** The rules of the server beyond those for refs: no secrets, and at times no commits of workers. */
export class ServerRules {
  closedUntilMs = 0;
  readonly #clean = new Set<string>();

  /** Why an update is declined, or null. */
  judge({ ref, to }: RefUpdate, objects: MemoryObjects, { nowMs, byHand }: { nowMs: number; byHand: boolean }): string | null {
    if (to === null || byHand) return null;
    if (ref === MAIN && nowMs < this.closedUntilMs) return 'the branch is protected';
    return this.#hasSecret(to, objects) ? 'a secret was found in what was pushed' : null;
  }

  #hasSecret(oid: string, objects: MemoryObjects): boolean {
    if (this.#clean.has(oid)) return false;
    const object = objects.get(oid);
    const parts = object?.type === 'commit' ? [objects.commit(oid)?.tree ?? ''] : objects.tree(oid).map((entry) => entry.oid);
    if (object?.content.includes(SECRET) || parts.some((part) => this.#hasSecret(part, objects))) return true;
    this.#clean.add(oid);
    return false;
  }
}
