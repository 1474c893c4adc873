import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseTask } from './parse-task.ts';
import { taskIdOfPath } from './paths.ts';

const FOLDER = new URL('../../../tasks/', import.meta.url);
const examples = readdirSync(FOLDER).filter((name) => taskIdOfPath(`tasks/${name}`) !== null);

test('there are three example tasks', () => {
  expect(examples).toHaveLength(3);
});

test.each(examples)('the example task %s has no problem', (name) => {
  expect(parseTask(`tasks/${name}`, readFileSync(new URL(name, FOLDER)))).toMatchObject({ ok: true });
});

test('the task in docs/files.md has no problem', () => {
  const page = readFileSync(new URL('../../../docs/files.md', import.meta.url), 'utf8');
  const blocks = [...page.matchAll(/^```markdown\n([^`]*)^```/gm)].map((match) => match[1] ?? '');
  const [plain = '', full = ''] = blocks;
  for (const text of [plain, full]) expect(parseTask('tasks/a.md', new TextEncoder().encode(text))).toMatchObject({ ok: true });
});
