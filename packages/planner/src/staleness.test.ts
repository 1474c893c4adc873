import { describe, expect, it } from 'vitest';
import { buildHeartbeat, NINE, watch, workers } from './rig/worlds.ts';
import { isOnline, liveMachines, workerState } from './staleness.ts';

describe('the state of a worker', () => {
  it.each(['stopped', 'tombstone'] as const)('is %s at once where its ref says so', (state) => {
    const { view, observations } = watch([0], () => ({ workers: workers(buildHeartbeat('pi', 'a', { state })) }));
    expect(workerState(observations, view, 'pi')).toBe(state);
  });

  it('is absent where there is no ref', () => {
    const { view, observations } = watch([0], () => ({}));
    expect(workerState(observations, view, 'pi')).toBe('absent');
  });

  it('is live where nobody has observed it yet', () => {
    const { view } = watch([0], () => ({ workers: workers(buildHeartbeat('pi', 'a')) }));
    const { observations } = watch([0], () => ({}));
    expect(workerState(observations, view, 'pi')).toBe('live');
  });

  it('makes a machine one of the live, who are listed by name', () => {
    const all = [buildHeartbeat('pi', 'a'), buildHeartbeat('nas', 'b'), buildHeartbeat('mac', 'c', { state: 'stopped' })];
    const { view, observations } = watch([0], () => ({ workers: workers(...all) }));
    expect(liveMachines(observations, view)).toEqual(['nas', 'pi']);
  });
});

describe('online, as it is shown to people', () => {
  const beat = buildHeartbeat('pi', 'a');

  it('is a running worker whose heartbeat is younger than its ttl', () => {
    expect(isOnline(beat, NINE + 179_999)).toBe(true);
    expect(isOnline(beat, NINE + 180_000)).toBe(false);
  });

  it('is no stopped worker, and none whose time cannot be read', () => {
    expect(isOnline({ ...beat, state: 'stopped' }, NINE)).toBe(false);
    expect(isOnline({ ...beat, at: 'noon' }, NINE)).toBe(false);
  });
});
