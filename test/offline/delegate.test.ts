import { expect, test } from 'vitest';
import { isEvent, Scene } from '../rig/scene.ts';

test('delegate without the remote prints the id and is done; the task lands once when the remote is back, and runs', async () => {
  await using scene = await Scene.open();
  const worker = await scene.worker('pi', { config: 'poll: { interval: 1s }' });
  await worker.waitFor(isEvent('polled'), 'a first look');
  await scene.remote.goAway();

  const ids: string[] = [];
  for (const words of ['echo one', 'echo two']) {
    const delegated = await scene.errand('pi', 'delegate', 'any', '--agent', 'command', words);
    expect(delegated).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^echo-\w+-\w{4}\n$/) });
    expect(delegated.stderr).toContain('sent later');
    ids.push(delegated.stdout.trim());
  }
  const status = JSON.parse((await scene.errand('pi', 'status', '--json')).stdout) as {
    unsent: string[];
    away: { message: string } | null;
  };
  expect(status.unsent.sort()).toEqual([...ids].sort());
  expect(status.away?.message).toMatch(/\S/);

  await scene.remote.comeBack();
  for (const id of ids) await worker.waitFor(isEvent('recorded', id), `the result of ${id}`);
  for (const [index, id] of ids.entries()) {
    const log = await scene.remote.repository.git('log', '--format=%s', 'main', '--', `tasks/${id}.md`);
    expect(log.trim().split('\n')).toHaveLength(1);
    expect((await scene.results(id)).map(({ result }) => result.answer)).toEqual([['one', 'two'][index]]);
  }
});
