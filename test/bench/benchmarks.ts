import { measureDispatch } from './dispatch.ts';
import { measureMemory } from './memory.ts';
import { measurePushes } from './pushes.ts';
import type { Row } from './row.ts';
import type { BenchmarkName, Sizes } from './sizes.ts';
import { measureStart } from './start.ts';
import { measureStatus } from './status.ts';
import { measureWake } from './wake.ts';

/** Runs one benchmark in a folder of its own and returns what it found. */
export function measure(name: BenchmarkName, sizes: Sizes): Promise<Row[]> {
  switch (name) {
    case 'start':
      return measureStart(sizes);
    case 'dispatch':
      return measureDispatch(sizes);
    case 'wake':
      return measureWake(sizes);
    case 'pushes':
      return measurePushes(sizes);
    case 'memory':
      return measureMemory(sizes);
    case 'status':
      return measureStatus(sizes);
  }
}
