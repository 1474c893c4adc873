import { isAlive, type ProcessIdentity, readMachineBoot, readProcessTable, signalProcess } from './process-table.ts';
import { findDescendants, stopMembers } from './signal-members.ts';
import type { Grip } from './unit.ts';

/**
 * A grip on a PID namespace. `outer` is `unshare` in our namespace, `init` its child: process 1 inside.
 * Orphans inside become children of init, so its descendants are all members, those of nested namespaces too.
 * TERM does nothing to init itself: it has no handler for it, and the kernel keeps such signals from process 1.
 */
export function gripPidns(id: string, outer: ProcessIdentity, knownInit?: ProcessIdentity): Grip {
  let init = knownInit;

  const findInit = (): ProcessIdentity | undefined => {
    if (init === undefined) {
      const child = readProcessTable().find((row) => row.ppid === outer.pid);
      if (child !== undefined && isAlive(outer)) init = { pid: child.pid, start: child.start };
    }
    return init;
  };
  const members = (): ProcessIdentity[] => {
    const top = findInit();
    if (top === undefined || !isAlive(top)) return [];
    return findDescendants(readProcessTable(), new Set([top.pid])).map(({ pid, start }) => ({ pid, start }));
  };

  return {
    kind: 'pidns',
    id,
    refresh: () => void findInit(),
    members,
    isEmpty: () => !isAlive(outer) && (init === undefined || !isAlive(init)),
    kill() {
      const top = findInit();
      // Unshare first: seeing its child killed, it would write a complaint of its own into the output.
      signalProcess(outer, 'SIGKILL');
      // The kernel kills every member when init dies.
      if (top !== undefined) signalProcess(top, 'SIGKILL');
    },
    freeze: async () => stopMembers(members),
    thaw() {
      for (const member of [outer, ...members()]) signalProcess(member, 'SIGCONT');
    },
    release() {},
    describe() {
      const top = findInit();
      return { kind: 'pidns', id, machineBoot: readMachineBoot(), outer, ...(top === undefined ? {} : { init: top }) };
    },
  };
}
