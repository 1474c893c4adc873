import fc from 'fast-check';
import { expect, test } from 'vitest';
import { appendToPrompt, editTask, type FrontMatterChanges } from './edit-task.ts';
import { parseTask } from './parse-task.ts';

function edited(text: string, changes: FrontMatterChanges): string {
  const result = editTask(text, changes);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

const FILE = `---
# who and where
machine: pi          # the small one

needs: [docker,  arm64]
priority:   7   # rarely
depends_on:
  - one   # first
  - two
x-mine: { a: 1 }
---
# Do it

---
priority: 1
`;

test('only the value is replaced: comments, order, spacing and body stay', () => {
  expect(edited(FILE, { priority: 1, machine: ['pi', 'laptop'] })).toBe(
    FILE.replace('priority:   7 ', 'priority: 1 ').replace('machine: pi ', 'machine: [pi, laptop] '),
  );
});

test('a key that is not there is added at the end of the front matter', () => {
  expect(edited(FILE, { hold: true })).toBe(FILE.replace('{ a: 1 }\n', '{ a: 1 }\nhold: true\n'));
});

test('a key is taken out with its line, also one of several lines', () => {
  expect(edited(FILE, { priority: undefined })).toBe(FILE.replace('priority:   7   # rarely\n', ''));
  expect(edited(FILE, { depends_on: undefined })).toBe(FILE.replace('depends_on:\n  - one   # first\n  - two\n', ''));
});

test('a list below its key becomes a list on its line', () => {
  expect(edited(FILE, { depends_on: ['three'] })).toBe(
    FILE.replace('depends_on:\n  - one   # first\n  - two\n', 'depends_on: [three]\n'),
  );
});

test('a key without a value gets one', () => {
  expect(edited('---\ntitle:\nhold: true\n---\nx', { title: 'a: b' })).toBe('---\ntitle: "a: b"\nhold: true\n---\nx');
});

test('front matter is added where there is none, and the prompt stays as it was', () => {
  expect(edited('Fix it', { priority: 1 })).toBe('---\npriority: 1\n---\nFix it');
  expect(edited('Fix it', { priority: undefined })).toBe('Fix it');
});

test('a file from Windows keeps its line ends', () => {
  expect(edited('---\r\ntitle: a\r\n---\r\nFix it\r\n', { priority: 1, title: 'b' })).toBe(
    '---\r\ntitle: b\r\npriority: 1\r\n---\r\nFix it\r\n',
  );
  expect(edited('Fix\r\nit\r\n', { priority: 1 })).toBe('---\r\npriority: 1\r\n---\r\nFix\r\nit\r\n');
});

test('front matter in braces is written anew', () => {
  expect(edited('---\n{ title: a, priority: 3 }\n---\nx', { priority: 1, hold: true })).toBe(
    '---\n{ title: a, priority: 1, hold: true }\n---\nx',
  );
});

test('an edit that changes nothing changes no byte', () => {
  expect(edited(FILE, {})).toBe(FILE);
});

test('front matter that cannot be read is not touched: its problems come back', () => {
  expect(editTask('---\ntitle: a: b\n---\nx', { priority: 1 }, 'tasks/a.md')).toMatchObject({
    ok: false,
    problems: [{ path: 'tasks/a.md', line: 2, column: 8, code: 'yaml-quote-needed' }],
  });
  expect(editTask('---\ntitle: a\n', { priority: 1 })).toMatchObject({ problems: [{ code: 'front-matter-not-closed' }] });
  expect(editTask('---\n- a\n---\nx', { priority: 1 })).toMatchObject({ problems: [{ code: 'front-matter-not-a-map' }] });
});

test('more text goes to the end of the prompt, after an empty line', () => {
  expect(appendToPrompt('Fix it', 'Use the port 80.\n')).toBe('Fix it\n\nUse the port 80.\n');
  expect(appendToPrompt('Fix it\r\n', 'a\nb')).toBe('Fix it\r\n\r\na\r\nb\r\n');
});

test('whatever the layout, an edit sets what it says and leaves every other key and the prompt alone', () => {
  const line = fc.constantFrom(
    'title: a # c',
    'title: "a"',
    "title: 'it''s'",
    'title: >\n  folded\n  text',
    'title: |-\n  kept',
    'title:\n  a',
    'title:   a  ',
    '"title": a',
  );
  const list = fc.constantFrom(
    'needs: [a, b]',
    'needs:\n- a\n- b',
    'needs:\n  - a\n\n  # c\n  - b',
    'needs: # c\n  - a\n  - b',
    'needs: [\n  a,\n  b ]',
  );
  const rest = fc.constantFrom('priority: 3', 'priority:    3 # c', '# only a comment\npriority: 3', '\npriority: 3\n');
  const change = fc.record(
    { title: fc.constantFrom('new', 'new: "quoted" # x', undefined), needs: fc.constantFrom(['x'], ['x', 'y'], undefined) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.tuple(line, list, rest).chain((parts) => fc.shuffledSubarray(parts)),
      change,
      (parts, changes) => {
        const text = `---\n${parts.join('\n')}\n---\nFix it`;
        const before = parseTask('tasks/a.md', new TextEncoder().encode(text));
        const after = parseTask('tasks/a.md', new TextEncoder().encode(edited(text, changes)));
        if (!before.ok || !after.ok) throw new Error(JSON.stringify([before, after, edited(text, changes)]));
        const expected = {
          ...before.value,
          ...('title' in changes ? { title: changes.title ?? 'Fix it' } : {}),
          ...('needs' in changes ? { needs: changes.needs ?? [] } : {}),
        };
        expect(after.value).toEqual(expected);
        expect(edited(text, changes).split('# c').length).toBeGreaterThanOrEqual(
          'needs' in changes || 'title' in changes ? 1 : text.split('# c').length,
        );
      },
    ),
    { numRuns: 1000 },
  );
});
