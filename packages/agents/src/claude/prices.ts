import type { Tokens } from '@errand/task';

/** US dollars for a million tokens. */
interface Price {
  /** Found in the model's id. */
  model: string;
  input: number;
  output: number;
  cacheRead: number;
  /** More than so many tokens read at once cost that many times as much, the answer included. */
  long?: { above: number; times: number };
}

/** List prices as Claude Code 2.1.328 reckons with them; the first that fits counts, so the families follow their members. */
const PRICES: readonly Price[] = [
  { model: 'haiku-5-5', input: 0.1, output: 0.5, cacheRead: 0.01, long: { above: 100_000, times: 5 } },
  { model: '3-5-haiku', input: 0.8, output: 4, cacheRead: 0.08 },
  { model: 'haiku', input: 1, output: 5, cacheRead: 0.1 },
  { model: 'sonnet-5-5', input: 2, output: 10, cacheRead: 0.1 },
  { model: 'sonnet-5', input: 2, output: 10, cacheRead: 0.2 },
  { model: 'sonnet', input: 3, output: 15, cacheRead: 0.3 },
  { model: 'opus-5-5', input: 4, output: 20, cacheRead: 0.2 },
  { model: 'opus', input: 5, output: 25, cacheRead: 0.5 },
  { model: 'fable-5-2', input: 8, output: 40, cacheRead: 0.2 },
  { model: 'fable', input: 10, output: 50, cacheRead: 1 },
  { model: 'mythos', input: 10, output: 50, cacheRead: 1 },
];

/** Claude Code reckons with this too where it does not know a model. */
const UNKNOWN: Price = { model: '', input: 4, output: 20, cacheRead: 0.2 };

/** Writing to the cache that lasts five minutes, as a multiple of input. */
const CACHE_WRITE = 1.25;

/** What one answer of a model costs by its list price, in US dollars. */
export function estimateCost(model: string, tokens: Tokens): number {
  const { input, output, cacheRead, long } = PRICES.find((price) => model.includes(price.model)) ?? UNKNOWN;
  const read = tokens.input + tokens.cache_read + tokens.cache_write;
  const times = long !== undefined && read > long.above ? long.times : 1;
  const millionths =
    tokens.input * input + tokens.output * output + tokens.cache_read * cacheRead + tokens.cache_write * input * CACHE_WRITE;
  return (millionths * times) / 1_000_000;
}
