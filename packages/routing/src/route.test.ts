import { TIERS } from '@errand/task';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { route } from './index.ts';
import { FIELDS } from './vocabulary/domains.ts';

const NEUTRAL = ['widget', 'blue', 'garden', 'monday', 'vector', 'sandwich', 'corner', 'invoice', 'holiday'];
const anyText = fc.oneof(fc.string({ maxLength: 400 }), fc.string({ unit: 'binary', maxLength: 400 }), fc.lorem());

describe('a task that names its model', () => {
  it('gets the tier that it names, whatever its text', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(...TIERS), (text, tier) => {
        expect(route(text, { model: tier })).toMatchObject({ tier, model: tier, source: 'model' });
      }),
    );
  });

  it('gets the model that the configuration has for that tier', () => {
    expect(route('Say hello', { model: 'opus', tiers: { opus: 'claude-opus-4-1' } })).toMatchObject({
      tier: 'opus',
      model: 'claude-opus-4-1',
    });
  });

  it.each([
    ['claude-opus-4-1-20250805', 'opus'],
    ['us.anthropic.claude-sonnet-4-5-v1:0', 'sonnet'],
    ['claude-3-5-haiku-latest', 'haiku'],
  ])('keeps the exact id %s and takes the tier %s from its name', (model, tier) => {
    expect(route('Design a consensus protocol', { model })).toMatchObject({ tier, model, source: 'model' });
  });

  it('keeps an id of another family and takes the tier from the text', () => {
    expect(route('Security audit of API endpoints', { model: 'gpt-5' })).toMatchObject({
      tier: 'opus',
      model: 'gpt-5',
      source: 'model',
    });
  });

  it('is routed by its text where it says auto or nothing', () => {
    const byText = { tier: 'haiku', model: 'small-one', source: 'text' };
    expect(route('Run uptime', { model: 'auto', tiers: { haiku: 'small-one' } })).toMatchObject(byText);
    expect(route('Run uptime', { model: '  ', tiers: { haiku: 'small-one' } })).toMatchObject(byText);
  });
});

describe('the text of a task', () => {
  it('never makes routing throw, and the score is the sum of the reasons', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { reasons, score, tier } = route(text);
        expect(TIERS).toContain(tier);
        expect(reasons.reduce((sum, { weight }) => sum + weight, 0)).toBe(score);
      }),
    );
  });

  it('scores higher for a hard word added to words that say nothing', () => {
    const neutral = fc.array(fc.constantFrom(...NEUTRAL), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(neutral, fc.constantFrom(...FIELDS.flatMap(({ hard }) => hard)), (words, hard) => {
        const text = words.join(' ');
        expect(route(`${text} ${hard}`).score).toBeGreaterThan(route(text).score);
      }),
    );
  });

  it('needs opus for each hard word where something is to be written about it', () => {
    for (const hard of FIELDS.flatMap((field) => field.hard))
      expect(route(`Write the part with ${hard}`), hard).toMatchObject({ tier: 'opus' });
  });

  it.each([
    ['', 'haiku'],
    [' \n\t ', 'haiku'],
    ['latest news', 'haiku'],
    ['fix a non-critical typo', 'haiku'],
    ['Print the security log', 'haiku'],
    ['Show the architecture diagram file', 'haiku'],
    ['Add "concurrency and consensus" to `words.txt`', 'haiku'],
    ['Redesign the sync engine, and fix the typo in its name', 'opus'],
    ['Design a logo for the bakery', 'sonnet'],
    ['Run a security audit of the API', 'opus'],
    ['Show the orders', 'haiku'],
    ['Show a hint when the basket has no orders', 'sonnet'],
    ['Turn the lamp off', 'haiku'],
    ['Turn the lamp into a clock', 'sonnet'],
    ['Write the totals into sums.csv', 'haiku'],
    ['Explain the totals and write the rules into sums.md', 'sonnet'],
    ['Change the author in package.json to Jane', 'haiku'],
    ['Make the banner green', 'haiku'],
    ['Move the pictures/ folder to old/', 'haiku'],
    ['Move the pictures from the disk to the cloud', 'sonnet'],
    ['Swap the parts of the machine', 'haiku'],
    ['Swap the parts of the machine without stopping anybody, whatever happens, even when it burns', 'opus'],
    ['The lamp goes out at random and nobody knows why, find the cause', 'opus'],
    ['The lamp never goes out even when I press the button, fix it', 'sonnet'],
    ['REFACTOR THE BILLING MODULE', 'sonnet'],
    ['Could you please rename foo.txt to bar.txt?', 'haiku'],
    ['サーバーのログイン処理を調べて、遅い理由を説明してください', 'sonnet'],
    ['```\nconst x = 1;\n```', 'sonnet'],
  ])('%j goes to %s', (text, tier) => {
    expect(route(text).tier).toBe(tier);
  });

  it('is not judged by the log that was pasted below it', () => {
    const log = Array.from({ length: 200 }, () => '2025-11-02T10:00:00Z ERROR deadlock in consensus: security violation').join(
      '\n',
    );
    expect(route(`Count the errors in this log\n${log}`).tier).toBe('haiku');
    expect(route(`Count the errors in this log\n\n\`\`\`\n${log}\n\`\`\``).tier).toBe('haiku');
    expect(route(`Fix the spelling of the title\n${log}`).tier).not.toBe('opus');
  });

  it('goes up when it is a page of requirements', () => {
    const paragraph =
      'The export keeps the order of the columns, it must work for guests, and it remembers what was chosen before by the person.';
    expect(route('Extend the export.').tier).toBe('sonnet');
    expect(route(`Extend the export.\n\n${Array.from({ length: 14 }, () => paragraph).join('\n\n')}`).tier).toBe('opus');
  });

  it.each([
    ['spaces', ' '],
    ['letters without an end', 'a'],
    ['dots and letters', 'a.'],
    ['back-ticks', '`'],
    ['brackets', '([)]'],
    ['verbs', 'and fix '],
    ['words of a phrase', 'end to '],
    ['indented lines', '\n    '],
  ])('of 256 KiB of %s is read to its end: no pattern goes back and forth in it without bound', (_, unit) => {
    const { tier, score } = route(unit.repeat(Math.ceil(262_144 / unit.length)));
    expect(TIERS).toContain(tier);
    expect(Number.isFinite(score)).toBe(true);
  });
});

describe('the configuration', () => {
  it('moves the thresholds', () => {
    expect(route('Refactor the billing module', { config: { thresholds: { opus: 4 } } }).tier).toBe('opus');
    expect(route('Refactor the billing module', { config: { thresholds: { sonnet: 5 } } }).tier).toBe('haiku');
  });

  it('adds words of its own, also phrases, in any of their forms', () => {
    const words = { 'flight plan': 6 };
    expect(route('List the flight plans', { config: { words } }).tier).toBe('opus');
    expect(route('List the flights', { config: { words } }).tier).toBe('haiku');
  });

  it('changes the weight of a built-in word or verb', () => {
    expect(route('Write the consensus part').tier).toBe('opus');
    expect(route('Write the consensus part', { config: { words: { consensus: 0 } } }).tier).toBe('sonnet');
    expect(route('Refactor the menu', { config: { words: { refactor: 6 } } }).tier).toBe('opus');
  });

  it('gives a word exactly its own weight, whatever is done with it, and takes away for a negative one', () => {
    const weigh = (text: string, words: { [phrase: string]: number }): number => route(text, { config: { words } }).score;
    expect(weigh('Print the deadlock counter', { deadlock: 7 })).toBe(7);
    expect(weigh('Write the thing', { thing: -2 })).toBe(1);
    expect(weigh('Fix a typo', { fix: -5 })).toBe(-5);
    expect(weigh('Fix a typo', { typo: 4 })).toBe(7);
  });

  it('of any words and weights keeps the score the sum of the reasons', () => {
    const weights = fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('fix', 'typo', 'race', '__proto__')),
      fc.integer({ min: -100, max: 100 }),
    );
    fc.assert(
      fc.property(anyText, weights, (text, words) => {
        const { score, reasons } = route(`Fix the typo in the race ${text}`, { config: { words } });
        expect(reasons.reduce((sum, { weight }) => sum + weight, 0)).toBe(score);
      }),
    );
  });

  it('names the model of the tier that the text needs', () => {
    expect(route('Refactor the menu', { tiers: { sonnet: 'claude-sonnet-4-5' } })).toMatchObject({
      tier: 'sonnet',
      model: 'claude-sonnet-4-5',
    });
  });
});
