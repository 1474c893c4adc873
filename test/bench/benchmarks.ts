import { measureContention } from './contention.ts';
import { measureDelegate } from './delegate.ts';
import { measureDispatch } from './dispatch.ts';
import { measureEndurance } from './endurance.ts';
import { measureEveryday } from './everyday.ts';
import { measureFleet } from './fleet.ts';
import { measureIdle } from './idle.ts';
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
    case 'everyday':
      return measureEveryday(sizes);
    case 'delegate':
      return measureDelegate(sizes);
    case 'dispatch':
      return measureDispatch(sizes);
    case 'wake':
      return measureWake(sizes);
    case 'pushes':
      return measurePushes(sizes);
    case 'memory':
      return measureMemory(sizes);
    case 'endurance':
      return measureEndurance(sizes);
    case 'idle':
      return measureIdle(sizes);
    case 'fleet':
      return measureFleet(sizes);
    case 'status':
      return measureStatus(sizes);
    case 'contention':
      return measureContention(sizes);
  }
}
