import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest, by what was measured: one of them at the end would keep one core waiting for the other. */
const SLOW = [
  'test/races/one-task',
  'test/crash/kill-matrix',
  'test/claude/troubles',
  'test/people/interleavings',
  'test/damage/damage',
  'test/agents-contract/outcomes',
  'test/bench/bench',
  'test/claude/interrupted',
  'packages/queue/src/conformance/ports',
  'test/wake/wake',
  'test/remotes/work',
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
