import type { GitPort, PushOutcome } from '../port.ts';

/** Something happens before each fetch or push of this clone, between what it last saw and what it asks. */
export function before(port: GitPort, request: 'fetch' | 'push', happens: () => Promise<unknown>): void {
  if (request === 'fetch') {
    const { fetch } = port;
    port.fetch = async () => {
      await happens();
      return fetch.call(port);
    };
  } else {
    const { push } = port;
    port.push = async (...args) => {
      await happens();
      return push.apply(port, args);
    };
  }
}

/** How many pushes this clone sends from now on. */
export function countPushes(port: GitPort): { readonly pushes: number } {
  const counted = { pushes: 0 };
  before(port, 'push', async () => {
    counted.pushes += 1;
  });
  return counted;
}

/**
 * The next push of this clone is held up on its way: it has no answer, and reaches the remote, under its leases, only when
 * `deliver` is called, which says whether there was one.
 */
export function holdNextPush(port: GitPort): { deliver(): Promise<boolean> } {
  const { push } = port;
  let held: (() => Promise<PushOutcome>) | null = null;
  port.push = async (updates, options) => {
    port.push = push;
    held = () => push.call(port, updates, options);
    const refs = new Map(updates.map(({ ref }) => [ref, { state: 'unknown' }] as const));
    return { refs, ok: false, cause: { kind: 'unreachable', message: 'no answer to the push' } };
  };
  return {
    deliver: async () => {
      const sending = held;
      held = null;
      await sending?.();
      return sending !== null;
    },
  };
}
