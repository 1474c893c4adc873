import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findMarked, until } from '../rig/processes.ts';
import { isEvent } from '../rig/scene.ts';
import { NotifyScene, TOKEN } from './notify-scene.ts';

test('what is delegated while the server is away is told as queued later, once, and fails nothing now', async () => {
  await using scene = await NotifyScene.open();
  const { queue, ntfy } = scene;
  scene.setToken('pi', TOKEN);
  const config = join(queue.machineEnv('pi').HOME ?? '', '.config', 'errand');
  mkdirSync(config, { recursive: true });
  const settings = { server: ntfy.url, topic: 'errand', wake: 'wake', token: { file: scene.tokenPath('pi') } };
  writeFileSync(join(config, 'config.yaml'), `machine: pi\nntfy: ${JSON.stringify(settings)}\n`);
  await queue.errand('pi', 'init', queue.remote.url);

  await ntfy.goAway();
  const away = await queue.errand('pi', 'delegate', 'pi', '--agent', 'command', 'echo away');
  expect(away).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^echo-away-\w+\n$/) });
  expect(away.stderr + away.stdout).not.toContain(TOKEN);
  // A git server that is slow on this machine leaves the rest to another process.
  const alone = () => until(() => findMarked(queue.folder).length === 0);
  await alone();
  await ntfy.comeBack();
  const here = await queue.errand('pi', 'delegate', 'any', '--agent', 'command', 'echo here');
  expect(here.exitCode).toBe(0);
  await alone();
  await ntfy.received('errand', 2);

  const pi = await scene.worker('pi');
  for (const { stdout } of [away, here]) await pi.waitFor(isEvent('recorded', stdout.trim()), 'the result');
  await ntfy.received('errand', 4);
  expect(scene.titles().sort()).toEqual(['Done: echo away', 'Done: echo here', 'Queued: echo away', 'Queued: echo here']);
  const queued = scene.arrived().filter(({ title }) => title?.startsWith('Queued: '));
  for (const event of queued) expect(event).toMatchObject({ priority: 2, tags: ['inbox_tray'] });
  expect(queued.map(({ message }) => message?.split('\n')[0])).toEqual(['For pi.', 'For any machine.']);
});
