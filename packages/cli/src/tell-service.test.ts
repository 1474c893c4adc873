import type { SystemdVoice } from '@errand/service';
import type { WorkerEvent } from '@errand/worker';
import { expect, test } from 'vitest';
import { ServiceTeller } from './tell-service.ts';

/** What is said of these events, a line each. */
function tell(...events: WorkerEvent[]): string[] {
  const said: string[] = [];
  const voice: Pick<SystemdVoice, 'step' | 'rest' | 'ready' | 'status' | 'stopping'> = {
    step: () => void said.push('step'),
    rest: (forMs) => void said.push(`rest ${forMs}`),
    ready: (status) => void said.push(`ready: ${status}`),
    status: (status) => void said.push(status),
    stopping: (withinMs, status) => void said.push(`stopping in ${withinMs}: ${status}`),
  };
  const teller = new ServiceTeller(voice as SystemdVoice, 25_000);
  for (const event of events) teller.hear(event);
  return said;
}

const POLLED: WorkerEvent = { type: 'polled', tip: null, tasks: 0, records: 0 };
const AWAY: WorkerEvent = { type: 'poll-failed', cause: 'no\nroute', refused: false, retryInMs: 1_000 };

test('a worker is ready when it has looked at the queue, and not before', () => {
  expect(tell({ type: 'started', machine: 'pi', boot: 'b', containment: 'cgroup' }, { type: 'looking' }, AWAY)).toEqual([
    'step',
    'step',
    'the queue does not answer: no route',
  ]);
  expect(tell({ type: 'looking' }, POLLED, { type: 'resting', forMs: 30_000 })).toEqual([
    'step',
    'step',
    'ready: waits for tasks',
    'rest 30000',
  ]);
});

test('what agents do is no sign of life of the loop', () => {
  const talk: WorkerEvent = { type: 'agent', id: 'a', event: { type: 'output', stream: 'stdout', text: 'x', atMs: 0 } as never };
  expect(tell(talk, { type: 'journaled', id: 'a', attempt: 1 }, { type: 'notified', key: 'k' })).toEqual([]);
});

test('it says what runs, and what it still waits for when it stops', () => {
  const events: WorkerEvent[] = [
    { type: 'spawned', id: 'b', attempt: 1 },
    { type: 'spawned', id: 'a', attempt: 1 },
    { type: 'ended', id: 'b', attempt: 1, outcome: 'done' },
    { type: 'stopping', running: 1, graceMs: 30_000 },
    { type: 'ended', id: 'a', attempt: 1, outcome: 'done' },
  ];
  expect(tell(...events)).toEqual(['runs b', 'runs a, b', 'runs a', 'stopping in 55000: stops; runs a', 'stops']);
});

test('a worker that may claim nothing says why, until its heartbeat is taken again', () => {
  const pushed = (purpose: 'fold' | 'heartbeat', ok: boolean): WorkerEvent => ({ type: 'push-ended', purpose, ok });
  const why = 'the server refused\nthis heartbeat';
  const said = tell(
    { type: 'twin', machine: 'pi', text: 'another worker uses the name pi' },
    POLLED,
    pushed('heartbeat', true),
    { type: 'refused', ids: [], text: why },
    { type: 'spawned', id: 'a', attempt: 1 },
    { type: 'refused', ids: ['b'], text: 'the server refused b' },
    pushed('fold', true),
    pushed('heartbeat', false),
    pushed('heartbeat', true),
  );
  expect(said.filter((line) => line !== 'step')).toEqual([
    'claims nothing: another worker uses the name pi',
    'ready: claims nothing: another worker uses the name pi',
    'waits for tasks',
    'claims nothing: the server refused this heartbeat',
    'claims nothing: the server refused this heartbeat; runs a',
    'runs a',
  ]);
});
