import { expect, test } from 'vitest';
import { cliScene } from '../rig/cli-scene.ts';

test('route needs no configuration, and says which tier and why', async () => {
  await using scene = await cliScene();
  expect(await scene.json('route', '--json', 'fix the typo in the README')).toEqual({
    schema: 1,
    tier: 'haiku',
    model: 'haiku',
    score: expect.any(Number),
    reasons: expect.arrayContaining([{ feature: expect.stringContaining('typo'), weight: expect.any(Number) }]),
  });
  expect(await scene.must('route', '--explain', 'fix the typo')).toMatch(/^haiku \(score -?[\d.]+\)\n {2,}[+-][\d.]+ {2}/);
  const piped = await scene.errandWith('find the race condition in the scheduler and redesign its locking', 'route');
  expect(piped.stdout).toBe('opus\n');
});

test('lint names every problem with file, line, column and code, and ends with status 1', async () => {
  await using scene = await cliScene();
  await scene.write('tasks/good.md', 'uptime\n');
  await scene.write('tasks/bad.md', '---\npriorty: 3\nretries: x\n---\nuptime\n');
  expect(await scene.errand('lint', 'tasks/good.md')).toMatchObject({ exitCode: 0, stdout: '' });
  const bad = await scene.errand('lint', 'tasks/good.md', 'tasks/bad.md', 'tasks/none.md');
  expect(bad.exitCode).toBe(1);
  expect(bad.stdout).toContain('tasks/bad.md:2:1: unknown-key: ');
  expect(bad.stdout).toContain('Did you mean `priority`?');
  expect(bad.stdout).toContain('tasks/bad.md:3:10: bad-retries: ');
  expect(bad.stdout).toContain('tasks/none.md:1:1: unreadable: ');
  await scene.write('config/errand.yaml', 'tydy: never\n');
  const shared = await scene.errand('lint', 'config/errand.yaml');
  expect(shared).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('config/errand.yaml:1:1: unknown-key: ') });
  const json = await scene.json('lint', '--json', 'tasks/bad.md');
  expect(json).toMatchObject({
    schema: 1,
    problems: [{ path: 'tasks/bad.md', line: 2, column: 1, code: 'unknown-key' }, { line: 3 }],
  });
});

test('keys without the lines around them are a task, and a warning', async () => {
  await using scene = await cliScene();
  await scene.write('tasks/forgot.md', 'machine: pi\n\nuptime\n');
  const linted = await scene.errand('lint', 'tasks/forgot.md');
  expect(linted).toMatchObject({ exitCode: 0, stdout: '', stderr: expect.stringContaining('put a line --- before the keys') });
  await scene.configure();
  await scene.must('init', scene.remote.url);
  const filed = await scene.errand('delegate', 'any', '-f', 'tasks/forgot.md');
  expect(filed).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('tasks/forgot.md begins with what looks like') });
  // Words are text to the last: whoever says them knows.
  expect((await scene.errand('delegate', 'pi', 'title: what is it')).stderr).not.toContain('front matter');
});
