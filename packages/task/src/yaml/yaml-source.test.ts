import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { durationSchema } from '../schema-pieces.ts';
import { explain } from './schema-shape.ts';
import { openYaml, readYaml } from './yaml-source.ts';

const name = z.string().regex(/^[a-z]+$/);
const schema = z.strictObject({
  schema: z.int().optional(),
  queue: z.string().optional(),
  slots: z.int().min(1).default(2),
  machine: explain(z.union([z.literal('any'), name, z.array(name)]), {
    code: 'bad-machine',
    expected: 'a name or a list',
    hint: 'Like pi.',
  }).optional(),
  lease: z.strictObject({ ttl: durationSchema, heartbeat: durationSchema.default(60_000) }).optional(),
  machines: z.record(z.string(), z.strictObject({ address: z.string().optional() })).optional(),
});
const options = { unsupportedKeys: ['repo', 'lease.grace', 'machines.*.cost'] };

function problemsOf(text: string, firstLine = 1): string[] {
  const read = readYaml('f.yaml', text, schema, { ...options, firstLine });
  return read.ok ? [] : read.problems.map((problem) => `${problem.line}:${problem.column} ${problem.code} ${problem.message}`);
}

function hintOf(text: string): string | undefined {
  const read = readYaml('f.yaml', text, schema, options);
  return read.ok ? undefined : read.problems[0]?.hint;
}

test('defaults are filled in and x- keys are left out', () => {
  expect(readYaml('f.yaml', 'queue: q\nx-mine: { a: 1 }\nlease: { ttl: 3m }\n', schema)).toEqual({
    ok: true,
    value: { queue: 'q', slots: 2, lease: { ttl: 180_000, heartbeat: 60_000 } },
  });
});

test.each(['', '\n', '# nothing yet\n', '---\n'])('a file without keys (%j) has every default', (text) => {
  expect(readYaml('f.yaml', text, schema)).toEqual({ ok: true, value: { slots: 2 } });
});

test('every problem is reported at once, in the order of the file', () => {
  expect(problemsOf('slots: lots\nlease:\n  ttl: 5\n  heartbeat: 0s\nqueu: x\n')).toEqual([
    '1:8 bad-type `slots` must be a number, but is "lots"',
    '3:8 bad-duration `lease.ttl` must be a duration, but is 5',
    '4:14 duration-too-short "0s" is shorter than a second',
    '5:1 unknown-key `queu` is not a known key',
  ]);
});

test('lines are counted from where the text stands in its file', () => {
  expect(problemsOf('slots: lots', 2)).toEqual(['2:8 bad-type `slots` must be a number, but is "lots"']);
});

test('an unknown key is told the nearest one of its own level', () => {
  expect(hintOf('queu: x')).toBe('Did you mean `queue`?');
  expect(hintOf('lease: { tl: 3m, ttl: 3m }')).toBe('Did you mean `ttl`?');
  expect(hintOf('machines:\n  pi: { adress: pi.lan }')).toBe('Did you mean `address`?');
});

test('a key of a later version is refused by name, at every level', () => {
  expect(problemsOf('repo: x\nlease: { ttl: 3m, grace: 1s }\nmachines: { pi: { cost: 1 } }')).toEqual([
    '1:1 unsupported-key `repo` is not supported by this version',
    '2:19 unsupported-key `lease.grace` is not supported by this version',
    '3:19 unsupported-key `machines.pi.cost` is not supported by this version',
  ]);
});

test('in a file of a later schema an unknown key asks for a newer errand', () => {
  expect(problemsOf('schema: 2\nsandwich: 1')).toEqual(['2:1 newer-schema `sandwich` needs a newer errand']);
});

test('a list item is blamed itself, with the words for its list', () => {
  expect(problemsOf('machine: [pi, 3]')).toEqual(['1:15 bad-machine `machine[1]` must be a name or a list, but is 3']);
});

test('a missing key stands at the map that lacks it', () => {
  expect(problemsOf('slots: 1\nlease:\n  heartbeat: 5s')).toEqual(['2:1 missing-key `lease.ttl` is missing']);
});

test('a key without a value is named as such', () => {
  expect(problemsOf('slots:')).toEqual(['1:1 empty-value `slots` has no value']);
});

test('aliases, anchors, tags, merge keys and double keys are refused where they stand', () => {
  expect(problemsOf('queue: &q x\nmachine: *q\nslots: !!int 3\nslots: 4\n<<: { slots: 1 }')).toEqual([
    '1:11 yaml-alias `&q` is a YAML anchor',
    '2:10 yaml-alias `*q` is a YAML alias',
    '3:14 yaml-tag `!!int` is a YAML tag',
    '4:1 duplicate-key `slots` is given twice',
    '5:1 unknown-key `<<` is not a known key',
  ]);
});

test('a key named __proto__ is a key like any other, and unknown', () => {
  expect(problemsOf('__proto__: { slots: 5 }')).toEqual(['1:1 unknown-key `__proto__` is not a known key']);
});

test.each([
  ['[', 100_000],
  ['- ', 100_000],
  ['{a: ', 60_000],
  ['? ', 100_000],
])('a bottomless file of %j is refused instead of ending the process', (token, count) => {
  expect(problemsOf(token.repeat(count))[0]).toMatch(/yaml-too-deep|too-large/);
});

test('a garbled file has few problems, not thousands', () => {
  expect(problemsOf('@ "x\n'.repeat(5000)).length).toBeLessThan(25);
});

test('no text whatever makes the reader throw', () => {
  const bits = fc.constantFrom(
    'a',
    ':',
    ' ',
    '\n',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '|',
    '>',
    '&x',
    '*x',
    '!t',
    '#',
    '%',
    '?',
    ',',
    '\t',
    '---',
    '\u0000',
    '\uFEFF',
    'ttl',
    'lease: ',
    '\r\n',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(bits, { maxLength: 30 }).map((parts) => parts.join('')),
      ),
      (text) => {
        const read = readYaml('f.yaml', text, schema);
        if (read.ok) return;
        expect(read.problems.length).toBeGreaterThan(0);
        const lines = text.split('\n');
        for (const { line, column } of read.problems) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('a rule that no schema can express gets its place from the source', () => {
  const source = openYaml('f.yaml', 'lease:\n  ttl: 1s\n  heartbeat: 2s\n');
  const finding = { path: ['lease', 'heartbeat'], code: 'lease-order', message: 'longer than the ttl' } as const;
  expect(source.problem({ ...finding, at: 'value' })).toEqual({
    path: 'f.yaml',
    line: 3,
    column: 14,
    code: 'lease-order',
    message: 'longer than the ttl',
  });
  expect(source.problem({ ...finding, at: 'key' })).toMatchObject({ line: 3, column: 3 });
});
