import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SlowestFirst } from './test/rig/slowest-first.ts';

const shared = { pool: 'forks' as const, testTimeout: 60_000, hookTimeout: 60_000 };
/** Two more than there are cores: most of them wait for processes, and none depends on the machine's speed. */
const maxWorkers = availableParallelism() + 2;
const resolve = { ssr: { resolve: { conditions: ['@errand/source'] } } };

/** `packages`: beside the source, run from the source. `system`: across packages, over built code and real processes. */
export default defineConfig({
  test: {
    maxWorkers,
    sequence: { sequencer: SlowestFirst },
    projects: [
      {
        ...resolve,
        test: {
          ...shared,
          name: 'packages',
          // Loading a package takes longer than most of its tests do: once for all files that one process runs.
          isolate: false,
          include: ['packages/*/src/**/*.test.ts'],
          setupFiles: ['test/rig/property-seed.ts'],
        },
      },
      {
        ...resolve,
        test: { ...shared, name: 'system', include: ['test/**/*.test.ts'], globalSetup: ['test/rig/build-once.ts'] },
      },
    ],
  },
});
