import { acquireLock } from '@errand/queue';

/** A wait that was ended goes on unseen for no longer than this. */
const ROUND_MS = 2_000;

export type TakenLock =
  | { lock: { release(): Promise<void> } }
  | { failure: { message: string; holder?: { pid: number; what: string } } }
  | { ended: true };

/** Takes a lock, waiting for its holder until `signal`; a lock that comes after that is given back. Never rejects. */
export async function takeLock(
  path: string,
  { waitMs, what, signal }: { waitMs: number; what: string; signal: AbortSignal | undefined },
): Promise<TakenLock> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    if (signal?.aborted) return { ended: true };
    const leftMs = Math.max(0, deadline - performance.now());
    const asked = acquireLock(path, { waitMs: Math.min(ROUND_MS, leftMs), what });
    const taken = await untilAborted(asked, signal);
    if (taken === null) {
      void asked.then((late) => ('lock' in late ? late.lock.release() : undefined));
      return { ended: true };
    }
    if ('lock' in taken) return taken;
    const { holder } = taken.failure;
    if (holder === undefined) return taken;
    if (leftMs > ROUND_MS) continue;
    const minutes = Math.round(waitMs / 60_000);
    return {
      failure: { holder, message: `process ${holder.pid} has held ${path} for more than ${minutes} min (${holder.what})` },
    };
  }
}

/** What the work comes to, or null as soon as the signal says so. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T | null> {
  if (signal === undefined) return work;
  let stop = (): void => {};
  const aborted = new Promise<null>((resolve) => {
    stop = () => resolve(null);
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
