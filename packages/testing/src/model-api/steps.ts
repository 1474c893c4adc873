import type { Answer, AnswerOptions, Block, Break, Reply } from './step.ts';

/** The model says this and ends its turn. */
export function say(text: string, options: AnswerOptions & { thinking?: string } = {}): Answer {
  return answer([{ kind: 'text', text }], 'end_turn', options);
}

/** The model asks for one tool, after a word to the user if `text` is given. */
export function callTool(
  name: string,
  input: Readonly<Record<string, unknown>>,
  options: AnswerOptions & { text?: string; thinking?: string } = {},
): Answer {
  return callTools([{ name, input }], options);
}

/** The model asks for several tools at once. */
export function callTools(
  calls: readonly { name: string; input: Readonly<Record<string, unknown>> }[],
  options: AnswerOptions & { text?: string; thinking?: string } = {},
): Answer {
  const { text, ...rest } = options;
  const words: Block[] = text === undefined ? [] : [{ kind: 'text', text }];
  return answer([...words, ...calls.map((call): Block => ({ kind: 'tool', ...call }))], 'tool_use', rest);
}

/** The model ends its turn without a word. */
export function sayNothing(options: AnswerOptions = {}): Answer {
  return answer([], 'end_turn', options);
}

/** The model declines, as the structured `stop_reason` says. */
export function refuse(text = 'I cannot help with that.', options: AnswerOptions = {}): Answer {
  return answer([{ kind: 'text', text }], 'refusal', options);
}

/** The model is cut off by its limit of tokens. */
export function runOutOfTokens(text: string, options: AnswerOptions = {}): Answer {
  return answer([{ kind: 'text', text }], 'max_tokens', options);
}

/** Never answers. */
export function hang(): Reply {
  return { kind: 'hang' };
}

/** Resets the connection instead of answering. */
export function reset(): Reply {
  return { kind: 'reset' };
}

/** Streams the first half of an answer, then closes the connection. */
export function dieMidStream(options: { fallback: 'answers' | 'dies'; text?: string } & AnswerOptions): Break {
  return breakStream('dies', options);
}

/** Streams the first half of an answer, then falls silent; so does the request that follows, unless it `answers`. */
export function hangMidStream(options: { fallback?: 'answers' | 'hangs'; text?: string } & AnswerOptions = {}): Break {
  return breakStream('hangs', { fallback: 'hangs', ...options });
}

/** The same step, but not before the test calls `release()`. */
export function held(reply: Reply): Reply {
  return { kind: 'held', reply };
}

function answer(
  blocks: readonly Block[],
  stopReason: Answer['stopReason'],
  options: AnswerOptions & { thinking?: string },
): Answer {
  const { thinking, ...rest } = options;
  const thoughts: Block[] = thinking === undefined ? [] : [{ kind: 'thinking', text: thinking }];
  return { ...rest, kind: 'answer', blocks: [...thoughts, ...blocks], stopReason };
}

function breakStream(how: Break['how'], options: { fallback: Break['fallback']; text?: string } & AnswerOptions): Break {
  const { fallback, text = 'This is all of the answer.', ...rest } = options;
  return { ...rest, kind: 'break', how, fallback, blocks: [{ kind: 'text', text }], stopReason: 'end_turn' };
}
