import { dirname } from 'node:path/posix';
import { resultPath } from '@errand/task';
import { expect, test } from 'vitest';
import { isEvent, Scene, script } from '../rig/scene.ts';

test('a task that was committed with git alone is finished elsewhere, and git pull brings its result', async () => {
  await using scene = await Scene.open();
  const ada = await scene.person();
  const text = script('echo "hello from $ERRAND_ID, attempt $ERRAND_ATTEMPT"');
  await ada.writeTask('hello', text);
  await ada.commit('add: hello');
  await ada.push();
  const blob = (await ada.git('rev-parse', 'HEAD:tasks/hello.md')).trim();

  const worker = await scene.worker('pi');
  await worker.waitFor(isEvent('recorded', 'hello'), 'the result of hello');
  await ada.pull();

  const [found, ...others] = await scene.results('hello');
  if (!found) throw new Error('there is no result');
  const { path, result } = found;
  expect(others).toEqual([]);
  expect(path).toBe(resultPath('hello', result.finished_at));
  expect(Math.abs(Date.parse(result.finished_at) - Date.now())).toBeLessThan(60_000);
  expect(result).toMatchObject({
    schema: 1,
    id: 'hello',
    state: 'done',
    task: blob,
    nonce: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
    attempts: [
      { attempt: 1, worker: 'pi', agent: 'command', tier: expect.any(String), outcome: 'done', exit_code: 0, task: blob },
    ],
    answer: 'hello from hello, attempt 1',
    taskText: text,
  });
  expect(await ada.read(path)).toBe(await scene.remote.repository.git('show', `main:${path}`));
  expect((await ada.git('ls-files')).trim().split('\n')).toEqual([`${dirname(path)}/.gitkeep`, path, 'tasks/hello.md']);
  expect((await ada.git('log', '--format=%s')).trim().split('\n')).toEqual([
    expect.stringMatching(/^done: hello \(\w+, .+\) on pi$/),
    'add: hello',
  ]);
  expect(await scene.leftovers()).toEqual([]);
});
