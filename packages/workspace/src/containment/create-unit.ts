import { signalProcess } from './process-table.ts';
import type { Grip, Unit, UnitEnd } from './unit.ts';

const FIRST_LOOK_MS = 2;
const SLOWEST_LOOK_MS = 50;
/** A process that KILL does not remove for so long sits in the kernel; waiting on would take the slot for good. */
const KILLING_MS = 30_000;
/**
 * A process that was just being forked still has its parent's handlers, and loses a TERM that comes before it becomes
 * a program of its own. While the main process lives that is its business, and repeating TERM would hurry it.
 */
const TELL_AGAIN_MS = 1_000;

/** An end under way: the time when grace is over (as of `performance.now()`), and who has been sent TERM. */
interface Ending {
  deadline: number;
  told: Set<string>;
  /** When all are told again; never while the main process lives. */
  tellAgainAt: number;
  done: Promise<UnitEnd>;
}

/** Makes one unit of a grip: calls in order, ending whole, a second `end` that only shortens the first. */
export function createUnit(grip: Grip): Unit {
  let last: Promise<unknown> = Promise.resolve();
  let ending: Ending | null = null;

  const inOrder = <T>(act: () => Promise<T>): Promise<T> => {
    const next = last.then(act);
    last = next;
    return next;
  };

  return {
    id: grip.id,
    kind: grip.kind,
    freeze: () => inOrder(async () => (ending === null ? await grip.freeze() : undefined)),
    thaw: () => inOrder(async () => grip.thaw()),
    members: async () => grip.members().map((member) => member.pid),
    describe: () => grip.describe(),
    end(graceMs, { onKill = () => {}, mainEnded = false } = {}) {
      const deadline = performance.now() + graceMs;
      if (ending !== null) {
        ending.deadline = Math.min(ending.deadline, deadline);
        if (mainEnded) ending.tellAgainAt = performance.now();
        return ending.done;
      }
      const tellAgainAt = mainEnded ? performance.now() : Number.POSITIVE_INFINITY;
      const started: Ending = { deadline, told: new Set(), tellAgainAt, done: Promise.resolve({ left: [] }) };
      ending = started;
      started.done = inOrder(() => endGracefully(grip, started, onKill));
      return started.done;
    },
  };
}

async function endGracefully(grip: Grip, ending: Ending, onKill: () => void): Promise<UnitEnd> {
  const terminate = (): void => {
    if (performance.now() >= ending.tellAgainAt) {
      ending.told.clear();
      ending.tellAgainAt = performance.now() + TELL_AGAIN_MS;
    }
    for (const member of grip.members()) {
      const name = `${member.pid} ${member.start}`;
      if (!ending.told.has(name)) signalProcess(member, 'SIGTERM');
      ending.told.add(name);
    }
  };
  if (!grip.isEmpty() && ending.deadline > performance.now()) {
    terminate();
    // A frozen member could not follow TERM.
    grip.thaw();
    await untilEmpty(grip, () => ending.deadline, terminate);
  }
  if (!grip.isEmpty()) onKill();
  return endAtOnce(grip);
}

/** KILL to every member until none is left, then removes the unit itself. */
export async function endAtOnce(grip: Grip): Promise<UnitEnd> {
  const end = performance.now() + KILLING_MS;
  await untilEmpty(
    grip,
    () => end,
    () => grip.kill(),
  );
  const left = grip.isEmpty() ? [] : grip.members().map((member) => member.pid);
  if (left.length === 0) grip.release();
  return { left };
}

async function untilEmpty(grip: Grip, deadline: () => number, strike: () => void): Promise<void> {
  let pauseMs = FIRST_LOOK_MS;
  while (!grip.isEmpty() && performance.now() < deadline()) {
    strike();
    if (grip.isEmpty()) return;
    const leftMs = Math.max(0, deadline() - performance.now());
    await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, leftMs)));
    pauseMs = Math.min(pauseMs * 2, SLOWEST_LOOK_MS);
  }
}
