import { gripCgroup } from './grip-cgroup.ts';
import { gripPidns } from './grip-pidns.ts';
import { gripTree } from './grip-tree.ts';
import { readMachineBoot } from './process-table.ts';
import type { Grip, UnitRef } from './unit.ts';

/** Takes hold of a unit that another process started; null where the machine was booted since: nothing is left of it. */
export function openGrip(ref: UnitRef, { fresh }: { fresh: boolean }): Grip | null {
  if (ref.machineBoot !== readMachineBoot()) return null;
  switch (ref.kind) {
    case 'cgroup':
      return gripCgroup(ref.id, ref.path);
    case 'pidns':
      return gripPidns(ref.id, ref.outer, ref.init);
    case 'tree':
      return gripTree(ref.id, { root: ref.root, members: ref.members, fresh });
  }
}
