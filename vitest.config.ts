import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SlowestFirst } from './test/rig/slowest-first.ts';

/** Loading what is tested takes longer than most tests do: once for all files that one process runs. */
const shared = { pool: 'forks' as const, isolate: false, testTimeout: 60_000, hookTimeout: 60_000 };
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
