import { expect, test } from 'vitest';
import { readyScene } from './rig/cli-scene.ts';

test('a task that is held since the branch was moved back says so where it is held, until it is let go', async () => {
  await using scene = await readyScene();
  await scene.must('delegate', 'pi', '--id', 'hello', 'echo hello');
  const before = (await scene.remote.repository.git('rev-parse', 'main')).trim();
  await scene.must('worker', '--once');
  await scene.remote.repository.git('update-ref', 'refs/heads/main', before);
  await scene.must('worker', '--once');
  const reason = 'held here: the branch was moved back, and hello had finished; errand retry hello runs it again';
  expect(await scene.json('show', 'hello', '--json')).toMatchObject({ state: 'waiting', reason, result: null });
  expect(await scene.json('status', '--json')).toMatchObject({ tasks: [{ id: 'hello', state: 'waiting', reason }] });
  await scene.must('retry', 'hello');
  expect(await scene.json('show', 'hello', '--json')).toMatchObject({ state: 'queued' });
});
