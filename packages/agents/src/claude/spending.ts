import type { Tokens } from '@errand/task';
import type { AgentProgress } from '../agent.ts';
import { asCount, asName, asObject, asObjects, asText, type Json, writePieces } from './json.ts';
import { estimateCost } from './prices.ts';

export type Spent = Extract<AgentProgress, { type: 'spent' }>;

/** Text of models has about so many characters for a token. */
const CHARACTERS_PER_TOKEN = 3.5;

/**
 * Adds up what the answers of a stream cost, while they come. One answer comes as several events with the same id and the same
 * usage, so each event counts for what it adds. Usage is as it was at the answer's beginning: what was read is exact, what was
 * written is worked out from the text.
 */
export class Spending {
  readonly #answers = new Map<string, { tokens: Tokens; characters: number; costUsd: number }>();

  /** What this event adds; null where nothing. */
  add(message: Json): Spent | null {
    const id = asText(message.id);
    const model = asName(message.model);
    const usage = asObject(message.usage);
    if (id === null || model === null || usage === null || model === '<synthetic>') return null;
    const before = this.#answers.get(id) ?? { tokens: NO_TOKENS, characters: 0, costUsd: 0 };
    const characters = before.characters + countCharacters(message);
    const reported = readUsage(usage);
    const tokens = mostOf(before.tokens, {
      ...reported,
      output: Math.max(reported.output, Math.ceil(characters / CHARACTERS_PER_TOKEN)),
    });
    const costUsd = estimateCost(model, tokens);
    this.#answers.set(id, { tokens, characters, costUsd });
    const added = subtractTokens(tokens, before.tokens);
    if (Object.values(added).every((count) => count === 0)) return null;
    return { type: 'spent', model, tokens: added, costUsd: costUsd - before.costUsd, estimated: true };
  }
}

export const NO_TOKENS: Tokens = { input: 0, output: 0, cache_read: 0, cache_write: 0 };

/** Cost (US dollars) and tokens of an attempt so far, e.g. of one that died with its worker. */
export function sumSpent(progress: readonly AgentProgress[]): { costUsd: number; tokens: Tokens } {
  const spent = progress.filter((event) => event.type === 'spent');
  return {
    costUsd: roundUsd(spent.reduce((sum, { costUsd }) => sum + costUsd, 0)),
    tokens: spent.reduce((sum, { tokens }) => addTokens(sum, tokens), NO_TOKENS),
  };
}

/** To a millionth of a dollar, so that sums of fractions read well; never negative, and never more than can be told so exactly. */
export function roundUsd(usd: number): number {
  return asCount(Math.min(Number.MAX_SAFE_INTEGER, Math.round(usd * 1_000_000))) / 1_000_000;
}

/** Sums that records can hold. */
export function addTokens(one: Tokens, other: Tokens): Tokens {
  return {
    input: asCount(one.input + other.input),
    output: asCount(one.output + other.output),
    cache_read: asCount(one.cache_read + other.cache_read),
    cache_write: asCount(one.cache_write + other.cache_write),
  };
}

function subtractTokens(one: Tokens, other: Tokens): Tokens {
  return {
    input: one.input - other.input,
    output: one.output - other.output,
    cache_read: one.cache_read - other.cache_read,
    cache_write: one.cache_write - other.cache_write,
  };
}

function mostOf(one: Tokens, other: Tokens): Tokens {
  return {
    input: Math.max(one.input, other.input),
    output: Math.max(one.output, other.output),
    cache_read: Math.max(one.cache_read, other.cache_read),
    cache_write: Math.max(one.cache_write, other.cache_write),
  };
}

/** The API's own names. */
export function readUsage(usage: Json): Tokens {
  return {
    input: asCount(usage.input_tokens),
    output: asCount(usage.output_tokens),
    cache_read: asCount(usage.cache_read_input_tokens),
    cache_write: asCount(usage.cache_creation_input_tokens),
  };
}

function countCharacters(message: Json): number {
  return asObjects(message.content).reduce((sum, block) => {
    const text = asText(block.text) ?? asText(block.thinking) ?? '';
    return sum + text.length + (block.input === undefined ? 0 : countPieces(block.input));
  }, 0);
}

function countPieces(value: unknown): number {
  let length = 0;
  for (const piece of writePieces(value)) length += piece.length;
  return length;
}
