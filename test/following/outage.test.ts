import { expect, test } from 'vitest';
import { Scene } from '../rig/scene.ts';
import { CliProcess } from './cli-process.ts';

test('an outage while somebody waits is said once and waited out; a task that is not sent yet is sent then', async () => {
  await using scene = await Scene.open();
  expect((await scene.errand('pi', 'init', scene.remote.url)).exitCode).toBe(0);
  const worker = await scene.worker('pi', { config: 'poll: { interval: 1s }' });
  await worker.waitFor((event) => event.type === 'polled', 'a look');
  await scene.remote.goAway();
  await using waiting = new CliProcess(scene, 'pi', 'delegate', '--wait', '--agent', 'command', 'pi', 'echo hello');
  const id = await waiting.id();
  await waiting.says('stderr', /the queue does not answer, waiting goes on/);
  await scene.remote.comeBack();
  expect(await waiting.ended).toBe(0);
  expect(waiting.stderr.split('the queue does not answer').length).toBe(2);
  expect(waiting.stderr).toMatch(/the queue answers again[\s\S]*\nerrand: done: /);
  expect((await scene.results(id)).map(({ result }) => result.answer)).toEqual(['hello']);
});
