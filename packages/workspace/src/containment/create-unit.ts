import type { Grip, Unit, UnitEnd } from './unit.ts';

const FIRST_LOOK_MS = 2;
const SLOWEST_LOOK_MS = 50;
/** A process that KILL does not remove for so long sits in the kernel; waiting on would take the slot for good. */
const KILLING_MS = 30_000;

/** Makes one unit of a grip: calls in order, ending whole, a second `end` that only shortens the first. */
export function createUnit(grip: Grip): Unit {
  let last: Promise<unknown> = Promise.resolve();
  let ending: { deadline: number; done: Promise<UnitEnd> } | null = null;

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
    end(graceMs, onKill) {
      const deadline = performance.now() + graceMs;
      if (ending !== null) {
        ending.deadline = Math.min(ending.deadline, deadline);
        return ending.done;
      }
      const started = { deadline, done: Promise.resolve<UnitEnd>({ left: [] }) };
      ending = started;
      started.done = inOrder(() => endWhole(grip, () => started.deadline, onKill));
      return started.done;
    },
  };
}

/** Ends every member of a grip: TERM, grace until `deadline` (as of `performance.now()`), then KILL. */
export async function endWhole(grip: Grip, deadline: () => number, onKill: () => void = () => {}): Promise<UnitEnd> {
  if (!grip.isEmpty()) {
    if (deadline() > performance.now()) {
      grip.terminate();
      // A frozen member could not follow TERM.
      grip.thaw();
      await untilEmpty(grip, deadline);
    }
    if (!grip.isEmpty()) {
      onKill();
      const end = performance.now() + KILLING_MS;
      await untilEmpty(
        grip,
        () => end,
        () => grip.kill(),
      );
    }
  }
  const left = grip.isEmpty() ? [] : grip.members().map((member) => member.pid);
  if (left.length === 0) grip.release();
  return { left };
}

async function untilEmpty(grip: Grip, deadline: () => number, strike: () => void = () => {}): Promise<void> {
  let pauseMs = FIRST_LOOK_MS;
  while (performance.now() < deadline()) {
    strike();
    if (grip.isEmpty()) return;
    const leftMs = Math.max(0, deadline() - performance.now());
    await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, leftMs)));
    pauseMs = Math.min(pauseMs * 2, SLOWEST_LOOK_MS);
  }
}
