import type { View } from '@errand/planner';
import { expect, test } from 'vitest';
import { findMachine } from './find-machine.ts';

const see = (text: string, ...workers: string[]): View =>
  ({ config: { blob: 'b', text }, workers: new Map(workers.map((name) => [name, {}])) }) as unknown as View;

async function failureOf(view: View, machine: string): Promise<string> {
  const place = await findMachine(view, machine, 'laptop');
  if (place.kind !== 'unlisted') throw new Error(`${machine} is ${place.kind}`);
  const { code, message, hint } = place.failure;
  return `${code}: ${message} / ${hint}`;
}

test('a machine that the queue knows by its worker alone is said to have no address, with the line to add', async () => {
  const told = await failureOf(see('', 'pi'), 'pi');
  expect(told).toMatch(/^no-address: pi is known here by its worker, and has no address/);
  expect(told).toContain('under machines: pi: { address: HOST, user: NAME }');
  expect(told).not.toContain('Did you mean');
});

test('what is suggested is another name, and a machine that can be reached', async () => {
  const view = see('machines: { nas: {}, nat: { address: nat.lan } }', 'nar');
  expect(await failureOf(view, 'nad')).toContain('Did you mean nat?');
  expect(await failureOf(see('machines: { nas: {} }', 'nar'), 'nad')).not.toContain('Did you mean');
});

test('an error elsewhere in the queue’s file keeps nobody from a machine, and is told', async () => {
  const place = await findMachine(see('defalts: {}\nmachines: { pi: { address: pi.lan } }'), 'pi', 'laptop');
  expect(place).toMatchObject({
    kind: 'there',
    target: { address: 'pi.lan' },
    warning: expect.stringMatching(
      /^the queue's config\/errand\.yaml is not valid \(line 1, .*its entry for pi is, and is used$/,
    ),
  });
  expect(await findMachine(see('machines: { pi: { address: pi.lan } }'), 'pi', 'laptop')).toMatchObject({ warning: null });
});

test('an entry that is itself wrong is told as such, in the queue’s file', async () => {
  const told = await failureOf(see('machines: { pi: { adress: pi.lan } }', 'pi'), 'pi');
  expect(told).toContain("the queue's config/errand.yaml is not valid, and no entry in it that is says how to reach pi: line 1");
});
