import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTask } from './parse-task.ts';

const encoder = new TextEncoder();
const parse = (text: string, path = 'tasks/fix-login.md') => parseTask(path, encoder.encode(text));

const PLAIN_TASK = {
  id: 'fix-login',
  title: 'Fix the login',
  prompt: 'Fix the login',
  machines: 'any',
  needs: [],
  agent: 'auto',
  model: 'auto',
  priority: 5,
  dependsOn: [],
  hold: false,
  deliver: 'none' as const,
  timeoutMs: 1_800_000,
  retries: 2,
};

test('plain text is a task: the whole file is the prompt', () => {
  expect(parse('Fix the login\n')).toEqual({ ok: true, value: PLAIN_TASK });
});

test('every key of the front matter takes effect', () => {
  const text = `---
schema: 1
title: "Login: fix it"   # for people
machine: [pi, laptop]
needs: docker
agent: claude
repo: website
base: release/2
verify: npm test
deliver: none
model: opus
priority: 0
depends_on: [setup-db, other]
key: deploy
hold: true
not_before: 2026-11-21T10:00:00+01:00
timeout: 1h30m
retries: 0
x-ticket: { number: 7 }
---

Fix the login
`;
  expect(parse(text)).toEqual({
    ok: true,
    value: {
      ...PLAIN_TASK,
      title: 'Login: fix it',
      prompt: '\nFix the login',
      machines: ['pi', 'laptop'],
      needs: ['docker'],
      agent: 'claude',
      model: 'opus',
      priority: 0,
      dependsOn: ['setup-db', 'other'],
      key: 'deploy',
      hold: true,
      repo: 'website',
      base: 'release/2',
      verify: 'npm test',
      deliver: 'none',
      notBefore: Date.UTC(2026, 10, 21, 9),
      timeoutMs: 5_400_000,
      retries: 0,
    },
  });
});

test.each([
  ['website', 'branch'],
  ['git@git.example:me/website.git', 'branch'],
  ['https://git.example/me/website.git', 'branch'],
  ['/srv/git/web site.git', 'branch'],
])('what is made in the repository %s is pushed to a branch unless the task says otherwise', (repo, deliver) => {
  expect(parse(`---\nrepo: ${repo}\n---\nFix the login`)).toMatchObject({ value: { repo, deliver } });
});

test.each(['-x', '../up', 'ext::sh', 'foo://x', 'a b', 'https://', '--upload-pack=x:y', 'host:-x'])(
  '%s is no repository',
  (repo) => {
    expect(parse(`---\nrepo: "${repo}"\n---\nFix the login`)).toMatchObject({ problems: [{ code: 'bad-repo' }] });
  },
);

test('a queue has other defaults, and a task goes before them', () => {
  const defaults = { agent: 'command', model: 'haiku', priority: 7, timeoutMs: 5000, retries: 0 };
  expect(parseTask('tasks/fix-login.md', encoder.encode('Fix the login'), defaults)).toEqual({
    ok: true,
    value: { ...PLAIN_TASK, ...defaults },
  });
  expect(parseTask('tasks/a.md', encoder.encode('---\nretries: 9\n---\nx'), defaults)).toMatchObject({
    value: { retries: 9, priority: 7 },
  });
});

test('a byte order mark and the line ends of Windows do no harm', () => {
  expect(parse('\uFEFF---\r\ntitle: Fix the login\r\n---\r\necho one\r\necho two\r\n')).toMatchObject({
    ok: true,
    value: { title: 'Fix the login', prompt: 'echo one\necho two' },
  });
  expect(parse('\uFEFFFix the login')).toEqual({ ok: true, value: PLAIN_TASK });
});

test.each([
  ['# Fix the login\n\nIt is broken.', 'Fix the login'],
  ['\n\n  #!/bin/sh\necho', '#!/bin/sh'],
  ['a\tb\u0007c', 'a b c'],
  [`${'word '.repeat(30)}`, `${'word '.repeat(14)}w…`],
])('the title of %j is its first line: %j', (text, title) => {
  expect(parse(text)).toMatchObject({ value: { title } });
});

test('a rule inside the text is not front matter', () => {
  expect(parse('Fix\n---\nthe login')).toMatchObject({ value: { prompt: 'Fix\n---\nthe login' } });
});

test('one line of `<<<<<<<` is text like any other', () => {
  expect(parse('Explain this:\n<<<<<<< HEAD\n')).toMatchObject({ ok: true });
});

test('a bad name and a bad front matter are reported together', () => {
  expect(parse('---\npriority: 10\n---\n', 'tasks/Fix Login.md')).toMatchObject({
    ok: false,
    problems: [
      { code: 'bad-id', line: 1, hint: 'Rename the file, for example to `fix-login.md`.' },
      { code: 'bad-priority', line: 2, column: 11, path: 'tasks/Fix Login.md' },
      { code: 'empty-prompt', line: 4 },
    ],
  });
});

test.each([
  ['---\npriority: 5\n---', 3],
  ['---\npriority: 5\n---\r\n', 4],
])('where the prompt is missing, the line pointed at is one that the file has: %j', (text, line) => {
  expect(parse(text)).toMatchObject({ problems: [{ code: 'empty-prompt', line }] });
});

test.each(['\r', '\u2028', '\u2029'])('a line ends with a line feed, not with %j', (noEnd) => {
  expect(parse(`---\nhold: true\n---${noEnd}x\n---\nFix the login`)).toMatchObject({ ok: false });
  const marks = ['<<<<<<< a', '=======', '>>>>>>> b'].join(noEnd);
  expect(parse(marks)).toMatchObject({ value: { prompt: marks } });
});

test('a conflict is reported at its first line, wherever it is', () => {
  const text = '---\ntitle: a\n<<<<<<< HEAD\npriority: 1\n=======\npriority: 2\n>>>>>>> theirs\n---\nx';
  expect(parse(text)).toMatchObject({ problems: [{ code: 'conflict-markers', line: 3, column: 1 }] });
});

test('the first byte that is no UTF-8 is pointed at', () => {
  expect(parseTask('tasks/a.md', new Uint8Array([0x61, 0x0a, 0xc3, 0xa4, 0xff, 0x61]))).toMatchObject({
    problems: [{ code: 'not-utf8', line: 2, column: 3 }],
  });
});

test('no bytes whatever make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const parsed = parseTask('tasks/a.md', bytes);
      expect(parsed.ok || parsed.problems.length > 0).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('no slip of the keyboard in a valid file makes it throw or hides the line', () => {
  const valid =
    '---\ntitle: Fix it\nmachine: [pi, laptop]\npriority: 3\ndepends_on: [setup-db]\ntimeout: 30m\nhold: false\n---\nFix the login\n';
  const slip = fc.record({
    at: fc.nat(valid.length),
    drop: fc.nat(4),
    insert: fc.oneof(
      fc.constantFrom('\t', ':', '"', '- ', '[', '}', '\n', '---\n', '&a ', '!x ', '\0', '\r', '#', '|', '?'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
  });
  fc.assert(
    fc.property(fc.array(slip, { minLength: 1, maxLength: 4 }), (slips) => {
      let text = valid;
      for (const { at, drop, insert } of slips) text = text.slice(0, at) + insert + text.slice(at + drop);
      const parsed = parse(text);
      const lines = text.split('\n').length;
      for (const problem of parsed.ok ? [] : parsed.problems) {
        expect(problem.line).toBeGreaterThanOrEqual(1);
        expect(problem.line).toBeLessThanOrEqual(lines);
        expect(problem.message).not.toBe('');
      }
    }),
    { numRuns: 3000 },
  );
});
