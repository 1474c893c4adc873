import { expect, test } from 'vitest';
import type { AgentProgress } from '../agent.ts';
import { Spending, sumSpent } from './spending.ts';

const usage = { input_tokens: 1000, output_tokens: 1, cache_read_input_tokens: 300, cache_creation_input_tokens: 200 };

function message(of: object) {
  return { id: 'msg_1', model: 'claude-opus-5-5', usage, content: [], ...of };
}

test('one answer that comes in several events counts once', () => {
  const spending = new Spending();
  expect(spending.add(message({}))?.tokens).toEqual({ input: 1000, output: 1, cache_read: 300, cache_write: 200 });
  expect(spending.add(message({}))).toBeNull();
  expect(spending.add(message({ id: 'msg_2' }))?.tokens.input).toBe(1000);
});

test('what was written is worked out from the text, since usage is that of the beginning', () => {
  const spending = new Spending();
  expect(spending.add(message({ content: [{ type: 'text', text: 'x'.repeat(35) }] }))?.tokens.output).toBe(10);
  const tool = { type: 'tool_use', input: { command: 'x'.repeat(56) } };
  expect(spending.add(message({ content: [tool] }))?.tokens).toEqual({ input: 0, output: 20, cache_read: 0, cache_write: 0 });
});

test('usage that is reported in full is believed', () => {
  const spending = new Spending();
  spending.add(message({}));
  expect(spending.add(message({ usage: { ...usage, output_tokens: 50 } }))?.tokens.output).toBe(49);
});

test('the parts of an answer add up to its price', () => {
  const spending = new Spending();
  const parts = ['one part', 'another part'].map((text) => spending.add(message({ content: [{ type: 'text', text }] })));
  const { costUsd, tokens } = sumSpent(parts.filter((part) => part !== null));
  expect(tokens).toEqual({ input: 1000, output: 6, cache_read: 300, cache_write: 200 });
  expect(costUsd).toBeCloseTo((1000 * 4 + 6 * 20 + 300 * 0.2 + 200 * 5) / 1e6, 6);
});

test('a message that the CLI wrote itself costs nothing', () => {
  expect(new Spending().add(message({ model: '<synthetic>' }))).toBeNull();
});

test('only what was spent is summed', () => {
  const says: AgentProgress = { type: 'says', text: 'hello' };
  expect(sumSpent([says])).toEqual({ costUsd: 0, tokens: { input: 0, output: 0, cache_read: 0, cache_write: 0 } });
});
