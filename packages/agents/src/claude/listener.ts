import type { AgentProgress } from '../agent.ts';
import { describeCall, describeRetry, shorten } from './describe.ts';
import type { Heard } from './heard.ts';
import { asNumber, asObject, asObjects, asText, type Json } from './json.ts';
import { addTokens, NO_TOKENS, Spending } from './spending.ts';
import { LineSplitter } from './split-lines.ts';

const MAX_ANSWER_CHARACTERS = 2_000;

/** Reads the stream of one run. Lines that are no JSON, and events that it does not know, mean nothing. */
export class Listener {
  readonly #lines: LineSplitter;
  readonly #spending = new Spending();
  readonly #toolNames = new Map<string, string>();
  readonly #calls: { id: string; tool: string; ok: boolean }[] = [];
  readonly #results: Json[] = [];
  #heard: Omit<Heard, 'results' | 'calls' | 'dropped'> = {
    started: null,
    model: null,
    lastWords: '',
    error: null,
    limitResetsAtMs: null,
    spent: { costUsd: 0, tokens: NO_TOKENS },
  };

  constructor(lines: LineSplitter = new LineSplitter()) {
    this.#lines = lines;
  }

  hear(text: string): AgentProgress[] {
    return this.#lines.push(text).flatMap((line) => this.#hearLine(line));
  }

  /** Takes what is left without a line end, and gives all that was heard. */
  finish(): Heard {
    const rest = this.#lines.end();
    if (rest !== null) this.#hearLine(rest);
    return { ...this.#heard, results: this.#results, calls: this.#calls, dropped: this.#lines.dropped };
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
    const session = asText(event.session_id);
    const model = asText(event.model);
    const version = asText(event.claude_code_version);
    this.#heard.started = { session, model };
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
    if (ofMain) this.#heard.model = asText(message.model) ?? this.#heard.model;
    const progress = asObjects(message.content).flatMap((block) => this.#hearBlock(block, ofMain));
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
    const tool = asText(block.name) ?? '';
    this.#toolNames.set(asText(block.id) ?? '', tool);
    return [{ type: 'calls-tool', tool, about: describeCall(block.input) }];
  }

  #hearUser(event: Json): AgentProgress[] {
    const blocks = asObjects(asObject(event.message)?.content).filter((block) => block.type === 'tool_result');
    return blocks.map((block) => {
      const id = asText(block.tool_use_id) ?? '';
      const tool = this.#toolNames.get(id) ?? '';
      const ok = block.is_error !== true;
      this.#calls.push({ id, tool, ok });
      return { type: 'tool-answered', tool, ok, text: shorten(textOf(block.content), MAX_ANSWER_CHARACTERS) };
    });
  }

  #hearLimit(event: Json): AgentProgress[] {
    const info = asObject(event.rate_limit_info);
    if (info?.status !== 'rejected') return [];
    const seconds = asNumber(info.resetsAt);
    this.#heard.limitResetsAtMs = seconds === null || seconds <= 0 ? null : seconds * 1000;
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

function textOf(content: unknown): string {
  return (
    asText(content) ??
    asObjects(content)
      .map((block) => asText(block.text) ?? '')
      .filter(Boolean)
      .join('\n')
  );
}
