import type { Containment } from './containment.ts';
import { createUnit } from './create-unit.ts';
import { gripTree } from './grip-tree.ts';
import { identify } from './process-table.ts';

/** Containment by following the process tree: works everywhere, and misses who detaches fast enough. */
export const containByTree: Containment = {
  kind: 'tree',
  description: 'the process tree, best effort: a process that detaches itself completely can escape',
  notAvailable: [],
  prepare: (id) => ({
    ok: true,
    place: {
      wrap: (program, args) => [program, ...args],
      wrapperEnv: {},
      announces: false,
      unit: null,
      adopt: (pid) => createUnit(gripTree(id, { root: identify(pid), fresh: true })),
    },
  }),
};
