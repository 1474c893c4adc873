import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readQuickYaml } from './quick-yaml.ts';
import { writeYaml } from './write-yaml.ts';
import { openYaml } from './yaml-source.ts';

const words = fc.oneof(
  fc.constantFrom(
    'true',
    'True',
    'null',
    '~',
    '007',
    '1e3',
    '0x1f',
    '-0',
    '1.50',
    '.5',
    '-',
    '- a',
    'a: b',
    'a:b',
    'a #b',
    '#',
    '"a"',
    '"\\q"',
  ),
  fc.constantFrom(
    '2026-11-20T09:12:44Z',
    '[a, b]',
    '[a,b]',
    '{ a: 1 }',
    '{a: 1}',
    '[a, ]',
    '[ ]',
    '{}',
    '[',
    ']',
    '"x',
    "'it''s'",
    '&a',
    '*a',
    '!t x',
  ),
  fc.constantFrom(
    '|',
    '>',
    '? a',
    'ä b',
    'a "quoted"',
    'it’s',
    "it's",
    'x ',
    '…',
    '{ a: [1, { b: "c" }] }',
    '[a b, c]',
    '{ a: b c, d: e }',
    'a, b',
    '1:2',
    '+1',
    '1_0',
    '0o7',
    '\u00a0x',
    'a\u00a0',
    '\u2028',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ maxLength: 12 }),
);
const lines = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('a', 'b', 'key', 'x-y', 'null', 'true', '__proto__', '1', 'a b', '"a"'),
      fc.constantFrom(':', ': ', ':  ', ' : ', ':\t'),
      words,
    )
    .map((parts) => parts.join('')),
  words.map((word) => `  - ${word}`),
  words.map((word) => `- ${word}`),
  fc.constantFrom('a:', 'b:', 'list:', '', '# comment', '  # comment', '---', '...', '%YAML 1.1', '\t', '  '),
  words,
);

test('what the quick reader reads, the yaml package reads alike and without a complaint', () => {
  fc.assert(
    fc.property(fc.array(lines, { maxLength: 6 }), (texts) => {
      const text = texts.join('\n');
      const quick = readQuickYaml(text);
      if (quick === null) return;
      const full = openYaml('f', text);
      expect({ text, value: full.value, problems: full.problems }).toEqual({ text, value: quick, problems: [] });
    }),
    { numRuns: 5000 },
  );
});

test('everything that is written here can be read both ways, and comes back equal', () => {
  const key = fc
    .stringMatching(/^[a-z_][a-z0-9_]{0,8}$/)
    .filter((name) => !['null', 'true', 'false', '__proto__', 'nan', 'inf', 'y', 'n', 'yes', 'no', 'on', 'off'].includes(name));
  const scalar = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    words,
    fc.stringMatching(/^[0-9a-f]{40}$/),
    fc.stringMatching(/^\d{40}$/),
    fc.integer(),
    fc.boolean(),
  );
  const flat = fc.dictionary(key, fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })), { maxKeys: 4, noNullPrototype: true });
  const map = fc.dictionary(
    key,
    fc.oneof(scalar, flat, fc.array(scalar, { maxLength: 3 }), fc.array(flat, { minLength: 1, maxLength: 3 })),
    { maxKeys: 5, noNullPrototype: true },
  );
  fc.assert(
    fc.property(map, (value) => {
      const text = writeYaml(value);
      expect(openYaml('f', text)).toMatchObject({ value, problems: [] });
      const quick = readQuickYaml(text);
      if (quick !== null) expect(quick).toEqual(value);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  'schema: 1\nid: fix-login\nattempts: []\n',
  'task: "1234567890123456789012345678901234567890"\n',
  'attempts:\n  - { attempt: 1, worker: pi, ended_at: 2026-11-20T09:12:44Z, cause: "exit status 3, twice" }\n',
  'title: Run the tests (all of them)\nmachine: [pi, laptop]   # either\n',
])('the common forms are read the quick way: %j', (text) => {
  expect(readQuickYaml(text)).toEqual(openYaml('f', text).value);
});

test.each([
  'a: 1\na: 2',
  'a:',
  'a:\nb: 1',
  'a: &x 1',
  'a: !t 1',
  'a: 0x10',
  'a: "unclosed',
  '{a: 1}',
  'a:\n b: 1',
  'a: |\n  x',
  '\ta: 1',
  'a: b: c',
])('anything else is left to the yaml package: %j', (text) => {
  expect(readQuickYaml(text)).toBeNull();
});
