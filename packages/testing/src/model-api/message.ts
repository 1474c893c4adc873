import { randomUUID } from 'node:crypto';
import type { Answer, Block, Usage } from './step.ts';

/** A part of an answer as the API spells it. */
export type ContentBlock =
  | { type: 'text'; text: string }
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'tool_use'; id: string; name: string; input: Readonly<Record<string, unknown>> };

/** An answer as the API spells it. */
export interface Message {
  id: string;
  type: 'message';
  role: 'assistant';
  model: string;
  content: ContentBlock[];
  stop_reason: string;
  stop_sequence: null;
  usage: ReturnType<typeof spellUsage>;
}

/** A fresh id with the prefix by which the API's ids are told apart. */
export function makeId(prefix: 'msg_' | 'toolu_' | 'req_'): string {
  return prefix + randomUUID().replaceAll('-', '').slice(0, 24);
}

/** The whole answer to a request for `model`. */
export function buildMessage(answer: Omit<Answer, 'kind'>, model: string): Message {
  return {
    id: makeId('msg_'),
    type: 'message',
    role: 'assistant',
    model: answer.model ?? model,
    content: answer.blocks.map(spellBlock),
    stop_reason: answer.stopReason,
    stop_sequence: null,
    usage: spellUsage(answer.usage ?? {}),
  };
}

function spellBlock(block: Block): ContentBlock {
  switch (block.kind) {
    case 'text':
      return { type: 'text', text: block.text };
    case 'thinking':
      return { type: 'thinking', thinking: block.text, signature: 'c2lnbmVk' };
    case 'tool':
      return { type: 'tool_use', id: makeId('toolu_'), name: block.name, input: block.input };
  }
}

function spellUsage({ input = 1000, output = 50, cacheRead = 0, cacheWrite = 0 }: Usage) {
  return {
    input_tokens: input,
    output_tokens: output,
    cache_read_input_tokens: cacheRead,
    cache_creation_input_tokens: cacheWrite,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: 0 },
    service_tier: 'standard',
  };
}
