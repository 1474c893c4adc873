import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest, by what was measured: one of them at the end would keep one core waiting for the other. */
const SLOW = [
  'test/chaos/chaos',
  'test/chaos/chaos',
  'test/crash/kill-matrix',
  'test/races/one-task',
  'test/damage/damage',
  'test/doctor/remotes',
  'test/service/booted',
  'packages/queue/src/conformance/ports',
  'test/bench/bench',
  'test/people/interleavings',
  'test/simulation/simulation',
  'test/wake/wake',
  'test/sleep/sleep',
  'test/remotes/work',
  'test/year/year',
  'test/agents-contract/outcomes',
  'test/claude/interrupted',
  'test/claude/troubles',
  'test/quickstart/quickstart',
  'test/drop/story',
  'test/hosts/hosts',
  'test/races/many-tasks',
];

/** Runs the slow files first, the others in vitest's own order. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = SLOW.findIndex((name) => moduleId.includes(`/${name}.test.`));
      return at < 0 ? SLOW.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
