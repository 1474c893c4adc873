import { expect, test } from 'vitest';
import { salvageMachines } from './salvage-machines.ts';

test('a typing error elsewhere takes no entry away, and a wrong entry takes only itself', () => {
  const text =
    'defalts: {}\nmachines:\n  pi: { address: pi.lan, user: me }\n  nas: { adress: nas.lan }\n  odd: { address: -oProxy }\n';
  expect(salvageMachines(text)).toMatchObject({ pi: { address: 'pi.lan', user: 'me' } });
  expect(Object.keys(salvageMachines(text))).toEqual(['pi']);
});

test('nothing is taken from what is no YAML, or lists no machines', () => {
  for (const text of ['machines: { pi: { address: pi.lan }\nx: [', 'machines: [pi]', 'machines:', 'just words', '']) {
    expect([text, salvageMachines(text)]).toEqual([text, {}]);
  }
});
