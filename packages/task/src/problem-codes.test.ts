import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseTask } from './parse-task.ts';
import { parseResult } from './result-file.ts';
import { readYaml } from './yaml/yaml-source.ts';

const front = (yaml: string): string => `---\n${yaml}\n---\nDo it.\n`;

/** A task file for every code, and where it stands. */
const TASKS: { [code: string]: { text: string | Uint8Array; path?: string; line: number; column: number } } = {
  'too-large': { text: 'x'.repeat(256 * 1024 + 1), line: 1, column: 1 },
  'not-utf8': { text: new Uint8Array([0xff, 0xfe, 0x41, 0x00]), line: 1, column: 1 },
  'nul-byte': { text: 'a\nb\0', line: 2, column: 2 },
  'conflict-markers': { text: 'a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x\n', line: 2, column: 1 },
  'front-matter-not-closed': { text: '---\ntitle: a\n', line: 1, column: 1 },
  'front-matter-not-a-map': { text: front('just text'), line: 2, column: 1 },
  'empty-prompt': { text: '---\nhold: true\n---\n \n', line: 4, column: 1 },
  'bad-id': { text: 'x', path: 'tasks/Fix Login.md', line: 1, column: 1 },
  'reserved-name': { text: 'x', path: 'tasks/con.md', line: 1, column: 1 },
  'yaml-syntax': { text: front('title: a\nkey\nhold: true'), line: 3, column: 1 },
  'yaml-tab-indent': { text: front('title:\n\ta'), line: 3, column: 1 },
  'yaml-indent': { text: front('machine: [pi\nhold: true'), line: 3, column: 1 },
  'yaml-unclosed': { text: front('title: "a'), line: 3, column: 1 },
  'yaml-quote-needed': { text: front('title: fix: login'), line: 2, column: 8 },
  'yaml-escape': { text: front('title: "C:\\q"'), line: 2, column: 11 },
  'yaml-directive': { text: front('%YAML 1.1'), line: 2, column: 1 },
  'yaml-alias': { text: front('title: &t a'), line: 2, column: 11 },
  'yaml-tag': { text: front('title: !!str 5'), line: 2, column: 14 },
  'yaml-multi-document': { text: front('title: a\n...\nhold: true'), line: 4, column: 1 },
  'yaml-key-not-text': { text: front('? [a]\n: b'), line: 2, column: 3 },
  'yaml-too-deep': { text: front(`x-a: ${'['.repeat(50)}${']'.repeat(50)}`), line: 2, column: 37 },
  'duplicate-key': { text: front('title: a\ntitle: b'), line: 3, column: 1 },
  'unknown-key': { text: front('timeot: 3m'), line: 2, column: 1 },
  'unsupported-key': { text: front('group: release'), line: 2, column: 1 },
  'newer-schema': { text: front('schema: 2'), line: 2, column: 9 },
  'bad-schema': { text: front('schema: one'), line: 2, column: 9 },
  'empty-value': { text: front('title:'), line: 2, column: 1 },
  'bad-title': { text: front('title: 42'), line: 2, column: 8 },
  'bad-machine': { text: front('machine: [pi, My Laptop]'), line: 2, column: 15 },
  'empty-list': { text: front('machine: []'), line: 2, column: 10 },
  'bad-needs': { text: front('needs: { docker: true }'), line: 2, column: 8 },
  'bad-agent': { text: front('agent: cluade'), line: 2, column: 8 },
  'bad-model': { text: front('model: a b'), line: 2, column: 8 },
  'bad-priority': { text: front('priority: high'), line: 2, column: 11 },
  'bad-dependency': { text: front('depends_on: [tasks/a.md]'), line: 2, column: 14 },
  'depends-on-itself': { text: front('depends_on: [a, do-it]'), line: 2, column: 17 },
  'bad-key': { text: front('key: [a]'), line: 2, column: 6 },
  'bad-hold': { text: front('hold: yes'), line: 2, column: 7 },
  'bad-date': { text: front('not_before: tomorrow'), line: 2, column: 13 },
  'bad-duration': { text: front('timeout: 30'), line: 2, column: 10 },
  'duration-too-short': { text: front('timeout: 500ms'), line: 2, column: 10 },
  'duration-too-long': { text: front('timeout: 400d'), line: 2, column: 10 },
  'bad-repo': { text: front('repo: ext::sh -c id'), line: 2, column: 7 },
  'bad-base': { text: front('repo: a\nbase: --upload-pack=x'), line: 3, column: 7 },
  'bad-verify': { text: front('verify: |\n  a\n  b'), line: 2, column: 9 },
  'bad-deliver': { text: front('repo: a\ndeliver: pr'), line: 3, column: 10 },
  'repo-missing': { text: front('base: main'), line: 2, column: 7 },
  'bad-retries': { text: front('retries: -1'), line: 2, column: 10 },
};

const RESULTS: { [code: string]: string } = {
  'result-without-front-matter': 'an answer',
  'bad-state': front('state: ok\nfinished_at: 2026-11-20T09:12:44Z'),
  'bad-attempts': front('state: done\nfinished_at: 2026-11-20T09:12:44Z\nattempts: 3'),
  'missing-key': front('state: done'),
  'bad-type': front('id: 3\nstate: done\nfinished_at: 2026-11-20T09:12:44Z'),
};

function readTask(text: string | Uint8Array, path = 'tasks/do-it.md') {
  return parseTask(path, typeof text === 'string' ? new TextEncoder().encode(text) : text);
}

test.each(Object.entries(TASKS))('%s is reported where it is, with a remedy', (code, { text, path, line, column }) => {
  const parsed = readTask(text, path);
  expect(parsed).toMatchObject({
    ok: false,
    problems: [{ code, line, column, hint: expect.stringMatching(/^[A-Z`0-9].*[.?]$/) }],
  });
  expect(parsed.ok ? [] : parsed.problems).toHaveLength(1);
});

test.each(Object.entries(RESULTS))('%s is reported of a result', (code, text) => {
  expect(parseResult('results/2026-11-20/a.md', text)).toMatchObject({ ok: false, problems: [{ code }] });
});

test('bad-value is what a schema without words of its own says', () => {
  expect(readYaml('f.yaml', 'a: 3', z.object({ a: z.number().max(2) }))).toMatchObject({ problems: [{ code: 'bad-value' }] });
});

test('docs/files.md lists every code, and none that does not exist', () => {
  const page = readFileSync(new URL('../../../docs/files.md', import.meta.url), 'utf8');
  const listed = [...page.matchAll(/^\| `([a-z0-9-]+)` +\|/gm)].map((match) => match[1]);
  // Found where files are fetched, before anybody reads them, and where a whole queue is looked at.
  const elsewhere = ['bad-value', 'not-a-file', 'content-missing', 'dependency-cycle', 'id-finished'];
  expect(listed.sort()).toEqual([...Object.keys(TASKS), ...Object.keys(RESULTS), ...elsewhere].sort());
});

test('no code in the source is missing in this list', () => {
  const known = new Set([...Object.keys(TASKS), ...Object.keys(RESULTS), 'bad-value']);
  const folders = ['.', './yaml'].map((folder) => new URL(`${folder}/`, import.meta.url));
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => new URL(name, folder)));
  const sources = files.filter(
    (file) => /(?<!\.test)\.ts$/.test(file.pathname) && !/(?:outcome|attempt-schema)\.ts$/.test(file.pathname),
  );
  const literals = sources.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/'([a-z]+(?:-[a-z0-9]+)+)'/g)].map((match) => match[1] ?? ''),
  );
  expect(literals.length).toBeGreaterThan(40);
  expect(literals.filter((literal) => !known.has(literal) && literal !== 'utf-8')).toEqual([]);
});
