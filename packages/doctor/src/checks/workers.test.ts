import type { Heartbeat } from '@errand/task';
import { expect, test } from 'vitest';
import { judgeName } from './workers.ts';

const OID = 'a'.repeat(40);
const seen = (state: 'running' | 'stopped') => ({
  workers: new Map([['pi', { oid: OID, value: { machine: 'pi', boot: 'boot-2', state } as Heartbeat }]]),
});

test('another worker with this machine’s name is a warning that says who claims nothing, and what to do', () => {
  expect(judgeName(seen('running'), 'pi', { boots: ['boot-1'], heartbeats: [] })).toMatchObject([
    {
      state: 'warning',
      what: expect.stringContaining('another worker uses the name pi: a worker of this state directory claims nothing'),
      remedy: expect.stringContaining('machine:'),
    },
  ]);
});

test('where no worker has run from here, one of this name is a note: it may be another user’s', () => {
  expect(judgeName(seen('running'), 'pi', null)).toMatchObject([{ state: 'note' }]);
});

test('this machine’s own worker, one that has stopped, and those of other names are no twins', () => {
  expect(judgeName(seen('running'), 'pi', { boots: ['boot-2'], heartbeats: [] })).toEqual([]);
  expect(judgeName(seen('running'), 'pi', { boots: [], heartbeats: [OID] })).toEqual([]);
  expect(judgeName(seen('stopped'), 'pi', { boots: [], heartbeats: [] })).toEqual([]);
  expect(judgeName(seen('running'), 'mac', null)).toEqual([]);
});
