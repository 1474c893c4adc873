import { expect, test } from 'vitest';
import { foldTurn } from './fold-turn.ts';
import { noObservations, observe } from './observations.ts';
import { buildHeartbeat, buildParked, buildView, records, workers } from './rig/worlds.ts';

const NAMES = ['ada', 'bob', 'cy', 'dee', 'eve', 'fay', 'gil', 'hal'];
const live = workers(...NAMES.map((name) => buildHeartbeat(name, `beat-${name}`)));

const turns = (parkers: readonly string[], tip = 'tip'): number[] => {
  const view = buildView({ tip, workers: live, records: records(...parkers.map((name) => buildParked(`of-${name}`, name))) });
  return parkers.map((name) => foldTurn(view, observe(noObservations, view), name, true));
};

test('whoever is alone with a result folds at once, however many live', () => {
  expect(turns(['cy'])).toEqual([0]);
});

test('of those who have a parked result one comes first, and nobody waits for more than three', () => {
  expect(turns(['ada', 'bob', 'cy']).sort()).toEqual([0, 1, 2]);
  expect(turns(NAMES).sort()).toEqual([0, 1, 2, 3, 3, 3, 3, 3]);
});

test('whoever has not parked yet lets those who have go first', () => {
  const view = buildView({ workers: live, records: records(buildParked('a', 'ada'), buildParked('b', 'bob')) });
  const observations = observe(noObservations, view);
  expect(NAMES.slice(2).map((name) => foldTurn(view, observations, name, true))).toEqual(Array(6).fill(3));
});

test('another tip has another first', () => {
  const firsts = new Set(['c1', 'c2', 'c3', 'c4', 'c5', 'c6'].map((tip) => turns(NAMES, tip).indexOf(0)));
  expect(firsts.size).toBeGreaterThan(1);
});

test('who has nothing of its own to record takes turns with everybody who lives', () => {
  const view = buildView({ workers: live, records: records(buildParked('a', 'gone')) });
  const observations = observe(noObservations, view);
  expect(NAMES.map((name) => foldTurn(view, observations, name, false)).sort()).toEqual([0, 1, 2, 3, 3, 3, 3, 3]);
});
