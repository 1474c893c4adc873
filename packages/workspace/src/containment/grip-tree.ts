import { type ProcessIdentity, type ProcessRow, readMachineBoot, readProcessTable, signalProcess } from './process-table.ts';
import { findDescendants, stopMembers } from './signal-members.ts';
import type { Grip } from './unit.ts';

/** What is known of a tree before the first look. */
export interface TreeStart {
  root: ProcessIdentity;
  members?: readonly ProcessIdentity[];
  /** The root was started just now, so its session is its own even if the root is gone at the first look. */
  fresh: boolean;
}

/**
 * A grip on a process and what comes of it: its descendants, and whoever shares a session with one of them.
 * Best effort: who leaves both session and parent between two looks is not seen again.
 */
export function gripTree(id: string, { root, members: known = [], fresh }: TreeStart): Grip {
  let identities: ProcessIdentity[] = [root, ...known];
  let sessions = new Set(fresh ? [root.pid] : []);

  const look = (): ProcessRow[] => {
    const table = readProcessTable();
    const found = findTree(table, identities, sessions);
    identities = found.map(({ pid, start }) => ({ pid, start }));
    sessions = new Set(found.map((row) => row.sid));
    return found;
  };

  return {
    kind: 'tree',
    id,
    refresh: () => void look(),
    members: look,
    isEmpty: () => look().length === 0,
    kill() {
      // Stopped first, nobody forks away from the blow.
      stopMembers(look);
      for (const member of look()) signalProcess(member, 'SIGKILL');
    },
    freeze: async () => stopMembers(look),
    thaw() {
      for (const member of look()) signalProcess(member, 'SIGCONT');
    },
    release() {},
    describe() {
      return {
        kind: 'tree',
        id,
        machineBoot: readMachineBoot(),
        root,
        members: look().map(({ pid, start }) => ({ pid, start })),
      };
    },
  };
}

/**
 * The live processes that belong to the known ones. A session counts while its leader is known or gone:
 * the kernel gives no id away that still names a session, so a stranger as leader means that ours has ended.
 */
export function findTree(
  table: readonly ProcessRow[],
  identities: readonly ProcessIdentity[],
  sessions: ReadonlySet<number>,
): ProcessRow[] {
  const byPid = new Map(table.map((row) => [row.pid, row]));
  const self = byPid.get(process.pid);
  const members = new Map(
    identities.flatMap(({ pid, start }) => (byPid.get(pid)?.start === start ? [[pid, byPid.get(pid)]] : [])) as [
      number,
      ProcessRow,
    ][],
  );
  const trusted = new Set([...sessions].filter((sid) => !byPid.has(sid) || members.has(sid)));
  for (let before = -1; before !== members.size; ) {
    before = members.size;
    for (const row of members.values()) trusted.add(row.sid);
    for (const row of table) if (trusted.has(row.sid) && row.sid !== self?.sid) members.set(row.pid, row);
    for (const row of findDescendants(table, new Set(members.keys()))) members.set(row.pid, row);
  }
  return [...members.values()].filter((row) => row.state !== 'dead' && row.pid > 1 && row.pid !== process.pid);
}
