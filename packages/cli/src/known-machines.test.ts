import { expect, test } from 'vitest';
import { remarkUnknownMachine } from './known-machines.ts';
import { findMachine } from './reach/find-machine.ts';

// What a worker says of itself does not matter here.
const VIEW = {
  workers: new Map([['pi', {}]]),
  config: { text: 'machines: { nas: { address: nas.local } }\n' },
} as unknown as Parameters<typeof remarkUnknownMachine>[0] & Parameters<typeof findMachine>[0];

test('a machine that the queue knows nothing of is a remark that names those it knows, and the one that was meant', async () => {
  const remark = (name: string) => remarkUnknownMachine(VIEW, name, 'laptop');
  expect([await remark('pi'), await remark('nas'), await remark('laptop')]).toEqual([null, null, null]);
  expect(await remark('pii')).toBe('no machine `pii` is known; known are nas, pi; did you mean pi?');
  expect(await remark('other')).toBe('no machine `other` is known; known are nas, pi');
});

test('a command for a machine that is misspelt is told of the one that was meant, where it can be reached', async () => {
  const hintFor = async (name: string): Promise<string> => {
    const place = await findMachine(VIEW, name, 'laptop');
    return place.kind === 'unlisted' ? (place.failure.hint ?? '') : place.kind;
  };
  expect(await hintFor('nass')).toContain('Did you mean nas?');
  expect(await hintFor('pii')).not.toContain('Did you mean');
});
