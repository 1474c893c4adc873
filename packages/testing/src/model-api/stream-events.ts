import type { ContentBlock, Message } from './message.ts';

/** How many characters one delta carries: little enough that every sentence comes in several. */
const DELTA_LENGTH = 12;

/** One server-sent event of a streamed answer. */
export interface StreamEvent {
  type: string;
  [key: string]: unknown;
}

/** The whole answer as the events that stream it, in order. */
export function streamMessage(message: Message): StreamEvent[] {
  const { content, stop_reason, usage } = message;
  return [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } } },
    { type: 'ping' },
    ...content.flatMap(streamBlock),
    { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: usage.output_tokens } },
    { type: 'message_stop' },
  ];
}

/** The same as far as the middle of the first block: something was said, and nothing is complete. */
export function streamHalf(message: Message): StreamEvent[] {
  const events = streamMessage(message);
  const firstDelta = events.findIndex(({ type }) => type === 'content_block_delta');
  return events.slice(0, firstDelta + 1);
}

/** An event as it goes over the wire. */
export function encodeEvent(event: StreamEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function streamBlock(block: ContentBlock, index: number): StreamEvent[] {
  const delta = (what: Record<string, unknown>): StreamEvent => ({ type: 'content_block_delta', index, delta: what });
  const start = (empty: unknown): StreamEvent => ({ type: 'content_block_start', index, content_block: empty });
  const stop: StreamEvent = { type: 'content_block_stop', index };
  switch (block.type) {
    case 'text':
      return [start({ ...block, text: '' }), ...split(block.text).map((text) => delta({ type: 'text_delta', text })), stop];
    case 'thinking':
      return [
        start({ ...block, thinking: '', signature: '' }),
        ...split(block.thinking).map((thinking) => delta({ type: 'thinking_delta', thinking })),
        delta({ type: 'signature_delta', signature: block.signature }),
        stop,
      ];
    case 'tool_use':
      return [
        start({ ...block, input: {} }),
        ...split(JSON.stringify(block.input)).map((partial_json) => delta({ type: 'input_json_delta', partial_json })),
        stop,
      ];
  }
}

/** By characters, not by their halves. */
function split(text: string): string[] {
  return text.match(new RegExp(`.{1,${DELTA_LENGTH}}`, 'gsu')) ?? [''];
}
