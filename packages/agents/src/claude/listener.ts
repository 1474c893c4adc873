import type { AgentProgress } from '../agent.ts';
import { boundSays } from './bound-says.ts';
import { describeCall, describeRetry, shorten } from './describe.ts';
import type { Call, Heard } from './heard.ts';
import { asName, asNumber, asObject, asObjects, asText, type Json } from './json.ts';
import { addTokens, NO_TOKENS, Spending } from './spending.ts';
import { LineSplitter } from './split-lines.ts';
import { nameTarget } from './target.ts';

const MAX_ANSWER_CHARACTERS = 2_000;
/** A message has a few. */
const MAX_BLOCKS = 1_000;
/** What a Date can hold, in milliseconds. */
const MAX_MOMENT_MS = 8.64e15;

/**
 * Reads the stream of one run. Lines that are no JSON, and events that it does not know, mean nothing. Never throws, whatever
 * comes: the stream is written by a program that runs what others asked for.
 */
export class Listener {
  readonly #lines: LineSplitter;
  readonly #spending = new Spending();
  readonly #asked = new Map<string, { tool: string; target: string }>();
  readonly #calls: Call[] = [];
  readonly #results: Json[] = [];
  #undigested = 0;
  #heard: Omit<Heard, 'results' | 'calls' | 'dropped'> = {
    started: null,
    model: null,
    lastWords: '',
    error: null,
    limit: { name: null, resetsAtMs: null },
    cwd: null,
    spent: { costUsd: 0, tokens: NO_TOKENS },
  };

  constructor(lines: LineSplitter = new LineSplitter()) {
    this.#lines = lines;
  }

  hear(text: string): AgentProgress[] {
    return this.#lines.push(text).flatMap((line) => this.#digest(line));
  }

  /** Takes what is left without a line end, and gives all that was heard. */
  finish(): Heard {
    const rest = this.#lines.end();
    if (rest !== null) this.#digest(rest);
    return { ...this.#heard, results: this.#results, calls: this.#calls, dropped: this.#lines.dropped + this.#undigested };
  }

  /** A line that is more than can be made sense of is dropped, as one that is too long. */
  #digest(line: string): AgentProgress[] {
    try {
      return boundSays(this.#hearLine(line));
    } catch {
      this.#undigested++;
      return [];
    }
  }

  #hearLine(line: string): AgentProgress[] {
    const event = parseEvent(line);
    switch (event?.type) {
      case 'system':
        return this.#hearSystem(event);
      case 'assistant':
        return this.#hearAssistant(event);
      case 'user':
        return this.#hearUser(event);
      case 'rate_limit_event':
        return this.#hearLimit(event);
      case 'result':
        this.#results.push(event);
        return [];
      default:
        return [];
    }
  }

  #hearSystem(event: Json): AgentProgress[] {
    if (event.subtype === 'api_retry') return [{ type: 'waits', text: describeRetry(event) }];
    if (event.subtype !== 'init' || this.#heard.started !== null) return [];
    const session = asName(event.session_id);
    const model = asName(event.model);
    const version = asName(event.claude_code_version);
    this.#heard.started = { session, model };
    this.#heard.cwd = asText(event.cwd);
    return [{ type: 'session', session: session ?? '', model: model ?? '', ...(version === null ? {} : { version }) }];
  }

  /** A message of a subagent has a parent: its words are no words to people, its cost is cost. */
  #hearAssistant(event: Json): AgentProgress[] {
    const message = asObject(event.message) ?? {};
    const ofMain = asText(event.parent_tool_use_id) === null;
    if (message.model === '<synthetic>') {
      this.#heard.error = asText(event.error);
      return [];
    }
    if (ofMain) this.#heard.model = asName(message.model) ?? this.#heard.model;
    const progress = blocksOf(message).flatMap((block) => this.#hearBlock(block, ofMain));
    const spent = this.#spending.add(message);
    if (spent === null) return progress;
    const { costUsd, tokens } = this.#heard.spent;
    this.#heard.spent = { costUsd: costUsd + spent.costUsd, tokens: addTokens(tokens, spent.tokens) };
    return [...progress, spent];
  }

  #hearBlock(block: Json, ofMain: boolean): AgentProgress[] {
    if (block.type === 'text' && ofMain) {
      const text = asText(block.text) ?? '';
      if (text.trim() === '') return [];
      this.#heard.lastWords = text;
      return [{ type: 'says', text }];
    }
    if (block.type !== 'tool_use') return [];
    const tool = asName(block.name) ?? '';
    this.#asked.set(asText(block.id) ?? '', { tool, target: nameTarget(block.input, this.#heard.cwd) });
    return [{ type: 'calls-tool', tool, about: describeCall(block.input) }];
  }

  #hearUser(event: Json): AgentProgress[] {
    const blocks = blocksOf(asObject(event.message) ?? {}).filter((block) => block.type === 'tool_result');
    return blocks.map((block) => {
      const id = asText(block.tool_use_id) ?? '';
      const { tool, target } = this.#asked.get(id) ?? { tool: '', target: null };
      const ok = block.is_error !== true;
      this.#calls.push({ id, tool, target, ok });
      return { type: 'tool-answered', tool, ok, text: shorten(textOf(block.content), MAX_ANSWER_CHARACTERS) };
    });
  }

  #hearLimit(event: Json): AgentProgress[] {
    const info = asObject(event.rate_limit_info);
    if (info?.status !== 'rejected') return [];
    const resetsAtMs = (asNumber(info.resetsAt) ?? 0) * 1000;
    const known = resetsAtMs > 0 && resetsAtMs <= MAX_MOMENT_MS;
    this.#heard.limit = { name: asName(info.rateLimitType), resetsAtMs: known ? resetsAtMs : null };
    return [];
  }
}

function parseEvent(line: string): Json | null {
  try {
    return asObject(JSON.parse(line));
  } catch {
    return null;
  }
}

function blocksOf(message: Json): readonly Json[] {
  return asObjects(message.content).slice(0, MAX_BLOCKS);
}

function textOf(content: unknown): string {
  return (
    asText(content) ??
    asObjects(content)
      .map((block) => asText(block.text) ?? '')
      .filter(Boolean)
      .join('\n')
  );
}
