import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { acquireLock } from '@errand/queue';
import { expect, test } from 'vitest';
import { Machine } from '../rig/machine.ts';
import { locks } from './locks.ts';

const QUEUE = 'queues/0123456789abcdef';
const DEAD = { pid: 2 ** 22 + 1, started: '1', boot: 'x', nonce: 'n', what: 'a test' };

async function leave(machine: Machine, name: string, holder: object = DEAD): Promise<string> {
  const path = join(machine.stateDir, name);
  await mkdir(join(machine.stateDir, QUEUE), { recursive: true });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify(holder));
  return path;
}

test.each([
  `${QUEUE}/worker.lock`,
  `${QUEUE}/clone.lock`,
  `${QUEUE}/renewal.lock`,
  `${QUEUE}/sender.lock`,
  'housekeeping.lock',
  'repos/errand-0123456789abcdef.lock',
])('%s of a process that has ended is told, and taken over by --fix', async (name) => {
  await using machine = new Machine();
  const path = await leave(machine, name);
  expect(await machine.see({}, locks)).toMatchObject([{ state: 'note', fixable: true, what: expect.stringContaining(path) }]);
  expect(await readdir(dirname(path))).toContain(name.split('/').at(-1));
  expect(await machine.see({ fix: true }, locks)).toMatchObject([{ fixed: true }]);
  expect(await readdir(dirname(path))).not.toContain(name.split('/').at(-1));
});

test('a lock of a process whose number was given out again is not taken for that of the new one', async () => {
  await using machine = new Machine();
  await leave(machine, `${QUEUE}/clone.lock`, { ...DEAD, pid: process.pid, boot: 'another' });
  expect(await machine.see({}, locks)).toMatchObject([{ state: 'note', fixable: true }]);
});

test('a lock of a process that lives is in order, and stays', async () => {
  await using machine = new Machine();
  const path = join(machine.stateDir, QUEUE, 'sender.lock');
  const taken = await acquireLock(path, { waitMs: 0, what: 'sending the outbox' });
  const what = `process ${process.pid} is at work here (sending the outbox)`;
  expect(await machine.see({ fix: true }, locks)).toMatchObject([{ state: 'ok', fixed: false, what }]);
  expect(await readdir(dirname(path))).toEqual(['sender.lock']);
  if ('lock' in taken) await taken.lock.release();
});
