import { expect, test } from 'vitest';
import type { AgentProgress } from '../agent.ts';
import { boundSays, MAX_SAYS_BYTES } from './bound-says.ts';
import { Listener } from './listener.ts';

const says = (text: string): AgentProgress => ({ type: 'says', text });

test('the words of one line share what they may take, and what is left out shows', () => {
  const call: AgentProgress = { type: 'calls-tool', tool: 'Bash', about: 'ls' };
  const progress = [says('12345'), call, says('ééééé'), says('more'), call];
  expect(boundSays(progress, 10)).toEqual([says('12345'), call, says('é…'), call]);
  expect(boundSays(progress, 100)).toEqual(progress);
});

test('a long answer is short in the log and whole in the end', () => {
  const text = 'ü'.repeat(MAX_SAYS_BYTES);
  const listener = new Listener();
  const [said] = listener.hear(`${JSON.stringify({ type: 'assistant', message: { content: [{ type: 'text', text }] } })}\n`);
  expect(said).toMatchObject({ type: 'says', text: expect.stringMatching(/^ü+…$/) });
  expect(Buffer.byteLength(said?.type === 'says' ? said.text : '')).toBeLessThanOrEqual(MAX_SAYS_BYTES);
  expect(listener.finish().lastWords === text).toBe(true);
});
