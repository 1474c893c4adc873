import { type ProcessIdentity, type ProcessRow, signalProcess } from './process-table.ts';

const ROUNDS = 200;

/**
 * SIGSTOP to every member, again until a look at the processes shows nobody new: a member may fork
 * between the look and the signal, but its child is seen in the next look and no stopped process forks.
 */
export function stopMembers(look: () => ProcessIdentity[]): void {
  const stopped = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const fresh = look().filter((member) => !stopped.has(`${member.pid} ${member.start}`));
    if (fresh.length === 0) return;
    for (const member of fresh) {
      signalProcess(member, 'SIGSTOP');
      stopped.add(`${member.pid} ${member.start}`);
    }
  }
}

/** The live processes among `roots` and everything below them; zombies pass their children on but are left out. */
export function findDescendants(table: readonly ProcessRow[], roots: ReadonlySet<number>): ProcessRow[] {
  const children = new Map<number, ProcessRow[]>();
  for (const row of table) children.set(row.ppid, [...(children.get(row.ppid) ?? []), row]);
  const found = new Map<number, ProcessRow>();
  const queue = table.filter((row) => roots.has(row.pid));
  for (let row = queue.pop(); row !== undefined; row = queue.pop()) {
    if (found.has(row.pid)) continue;
    found.set(row.pid, row);
    queue.push(...(children.get(row.pid) ?? []));
  }
  return [...found.values()].filter((row) => row.state !== 'dead');
}
