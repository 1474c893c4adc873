import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildMessage } from './message.ts';
import type { Answer, Block } from './step.ts';
import { callTool, say } from './steps.ts';
import { type StreamEvent, streamHalf, streamMessage } from './stream-events.ts';

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
const block: fc.Arbitrary<Block> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), text }),
  fc.record({ kind: fc.constant('thinking' as const), text }),
  fc.record({ kind: fc.constant('tool' as const), name: text, input: fc.dictionary(text, fc.jsonValue({ maxDepth: 1 })) }),
);

test('whoever puts the events of a stream together has the whole message', () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 4 }), (blocks) => {
      const answer: Answer = { kind: 'answer', blocks, stopReason: 'end_turn', usage: { output: 9 } };
      const message = buildMessage(answer, 'claude-test');
      const { content, stop_reason, output_tokens } = assemble(streamMessage(message));
      expect(content).toEqual(JSON.parse(JSON.stringify(message.content)));
      expect([stop_reason, output_tokens]).toEqual(['end_turn', 9]);
    }),
  );
});

test('a sentence comes in several pieces', () => {
  const events = streamMessage(buildMessage(say('This is a sentence of some length.'), 'm'));
  expect(events.filter(({ type }) => type === 'content_block_delta').length).toBeGreaterThan(2);
});

test('half a stream has begun a block and ended none', () => {
  for (const answer of [say('A word or two, or three.'), callTool('Write', { file_path: '/a' }), say('x', { thinking: 'hm' })]) {
    const names = streamHalf(buildMessage(answer, 'm')).map(({ type }) => type);
    expect(names.at(-1)).toBe('content_block_delta');
    expect(names).not.toContain('content_block_stop');
  }
});

/** As a client does it. */
function assemble(events: StreamEvent[]) {
  const content: Record<string, unknown>[] = [];
  const pieces: string[] = [];
  let end = {};
  for (const event of events as (StreamEvent & {
    index: number;
    delta: Record<string, string>;
    content_block: object;
    usage: object;
  })[]) {
    if (event.type === 'content_block_start') {
      content[event.index] = { ...event.content_block };
      pieces[event.index] = '';
    }
    if (event.type === 'content_block_delta') {
      const { signature, ...said } = event.delta;
      if (signature !== undefined) Object.assign(content[event.index] ?? {}, { signature });
      else pieces[event.index] += said.text ?? said.thinking ?? said.partial_json ?? '';
    }
    if (event.type === 'message_delta') end = { ...event.delta, ...event.usage };
  }
  for (const [index, made] of content.entries()) {
    if (made.type === 'tool_use') made.input = JSON.parse(pieces[index] ?? '');
    else made[made.type as string] = pieces[index];
  }
  return { content, ...(end as { stop_reason: string; output_tokens: number }) };
}
