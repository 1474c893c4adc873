import { expect, test } from 'vitest';
import { type ChaosReport, renderReport } from './report.ts';

const REPORT: ChaosReport = {
  seed: 7,
  seconds: 60,
  settledMs: 1_234,
  filed: 1,
  struck: new Map([['worker killed', 2]]),
  results: new Map(),
  runs: 1,
  workerStarts: 8,
  suspicions: 0,
  fenced: 0,
  answersLost: 0,
  locksRemoved: 0,
  doubles: { excused: 2, unexcused: 1 },
  pickUps: [],
  recordedAsTheyWere: 0,
  heldOn: 0,
  notifications: 1,
  clones: { looked: 9, sound: 8 },
  ownEnds: [],
  problems: ['two agents of a at once', 'the clone of ada is not sound'],
};

test('what was found is told as it was, also where something was violated', () => {
  const lines = renderReport(REPORT).split('\n');
  expect(lines[0]).toBe('Chaos of 60 s, seed 7: 2 violations.');
  expect(lines).toContain('| two agents of one task or key at once, after the first’s holder had been silent for a ttl | 2 |');
  expect(lines).toContain('| two at once without that | 1 |');
  expect(lines).toContain('| sound of the repository and the clones | 8 of 9 |');
  expect(lines.slice(-2)).toEqual(REPORT.problems.map((problem) => `- ${problem}`));
});
