import { readFileSync } from 'node:fs';
import { TIERS, type Tier } from '@errand/task';
import { describe, expect, it } from 'vitest';
import { explainRoute, route } from './index.ts';

/** `probe` was written to be misjudged, after `blind-7`. */
const BLIND = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14].map((number) => `blind-${number}`).concat('probe');
const FILES = ['examples', 'tuning', 'hold-out-1', 'hold-out-2', 'hold-out-3', 'hold-out-4', ...BLIND];

interface Labelled {
  text: string;
  tier: Tier;
}

function readLabelled(name: string): Labelled[] {
  const lines = readFileSync(new URL(`../test-data/${name}.jsonl`, import.meta.url), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line): Labelled => JSON.parse(line));
}

/** The rule that routing replaced: a few keywords, found anywhere in the text, or more than 20 words. */
function routeByKeyword(text: string): Tier {
  if (/security|architecture|algorithm|design pattern|audit|critical|sensitive/i.test(text)) return 'opus';
  if (/refactor|test|debug|document|migrate|complex|design|implement.*feature|optimize/i.test(text)) return 'sonnet';
  return text.split(/\s+/).length > 20 ? 'sonnet' : 'haiku';
}

/** Rows are labels, columns what the rule chose, both in the order haiku, sonnet, opus. */
function countMatrix(examples: readonly Labelled[], choose: (text: string) => Tier): number[][] {
  return TIERS.map((label) =>
    TIERS.map((chosen) => examples.filter(({ text, tier }) => tier === label && choose(text) === chosen).length),
  );
}

function countRight(matrix: readonly number[][]): number {
  return matrix.reduce((sum, row, index) => sum + (row[index] ?? 0), 0);
}

function describeMatrix(name: string, matrix: readonly number[][]): string {
  const total = matrix.flat().reduce((sum, count) => sum + count, 0);
  const rows = matrix.map(
    (row, index) => `${(TIERS[index] ?? '').padEnd(7)}${row.map((count) => String(count).padStart(7)).join('')}`,
  );
  return [
    `${name}: ${countRight(matrix)} of ${total} right`,
    `${''.padEnd(7)}${TIERS.map((tier) => tier.padStart(7)).join('')}`,
    ...rows,
  ].join('\n');
}

const chooseByText = (text: string): Tier => route(text).tier;
const wrongOnes = (examples: readonly Labelled[]): string[] =>
  examples
    .filter(({ text, tier }) => chooseByText(text) !== tier)
    .map(({ text, tier }) => `${tier}: ${text}: ${explainRoute(route(text))}`);

describe('the accuracy of routing', () => {
  it.each([
    { name: 'examples', least: 0.95 },
    { name: 'tuning', least: 0.9 },
    { name: 'hold-out-1', least: 0.8 },
    { name: 'hold-out-2', least: 0.8 },
    { name: 'hold-out-3', least: 0.8 },
    { name: 'hold-out-4', least: 0.8 },
    ...BLIND.map((name) => ({ name, least: 0.85 })),
  ])('is at least $least on $name, with at most one hard task sent to haiku', ({ name, least }) => {
    const examples = readLabelled(name);
    const matrix = countMatrix(examples, chooseByText);
    if (process.env.ERRAND_PRINT_MATRIX) {
      console.log(describeMatrix(name, matrix));
      console.log(describeMatrix(`${name} by keywords`, countMatrix(examples, routeByKeyword)));
    }
    expect(examples.length).toBeGreaterThanOrEqual(36);
    expect(countRight(matrix) / examples.length, wrongOnes(examples).join('\n')).toBeGreaterThanOrEqual(least);
    expect(matrix[2]?.[0], wrongOnes(examples).join('\n')).toBeLessThanOrEqual(1);
  });

  it('is better than that of the keyword rule on every file', () => {
    for (const name of FILES) {
      const examples = readLabelled(name);
      expect(countRight(countMatrix(examples, chooseByText)), name).toBeGreaterThan(
        countRight(countMatrix(examples, routeByKeyword)),
      );
    }
  });

  it('does not come from one example being in two files', () => {
    const texts = FILES.flatMap((name) => readLabelled(name).map(({ text }) => text.toLowerCase()));
    expect(new Set(texts).size).toBe(texts.length);
  });
});
