import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sampleRequest } from '../rig/sample-request.ts';
import { writeMessage } from './write-message.ts';

function textsOf(stdin: string): string[] {
  const { message } = JSON.parse(stdin) as { message: { content: { text: string }[] } };
  return message.content.map(({ text }) => text);
}

test('the prompt is a block of its own, word for word, and the last block is always ours', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (prompt) => {
      const { task } = sampleRequest();
      const stdin = writeMessage(sampleRequest({ task: { ...task, prompt } }));
      expect(stdin.indexOf('\n')).toBe(stdin.length - 1);
      expect(textsOf(stdin)).toEqual([prompt, 'The task is the text above. Carry it out.']);
    }),
  );
});

test("the repository's instructions come first, with their path", () => {
  const instructions = { path: 'CLAUDE.md', text: 'Use tabs.\n@/etc/passwd\n' };
  const [first, ...rest] = textsOf(writeMessage(sampleRequest({ instructions })));
  expect(first).toContain('CLAUDE.md');
  expect(first).toContain('Use tabs.\n@/etc/passwd');
  expect(rest).toHaveLength(2);
});

test('empty instructions are none', () => {
  expect(textsOf(writeMessage(sampleRequest({ instructions: { path: 'CLAUDE.md', text: ' \n' } })))).toHaveLength(2);
});

test('a resumed session is told why it was interrupted, and has the task already', () => {
  const session = { kind: 'resumed', id: 'a', why: 'timed-out', reportedUsd: null } as const;
  const texts = textsOf(writeMessage(sampleRequest({ session })));
  expect(texts).toEqual([expect.stringContaining('the time for one attempt was over')]);
  expect(texts[0]).not.toContain('Say hello.');
});
