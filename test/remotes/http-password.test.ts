import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { httpRemote } from '@errand/testing';
import { expect, test } from 'vitest';
import { isEvent, Scene, script } from '../rig/scene.ts';
import { WorkerProcess } from '../rig/worker-process.ts';

/** What git is told on a machine where it asks a helper for passwords. */
const HELPER = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'credential.helper', GIT_CONFIG_VALUE_0: 'store' };

test('a worker whose password git knows from its credential helper works, and writes the password nowhere', async () => {
  const remote = await httpRemote();
  await using scene = await Scene.open(async () => remote);
  const env: NodeJS.ProcessEnv = { ...scene.machineEnv('pi'), ...HELPER };
  await writeFile(
    join(env.HOME ?? '', '.git-credentials'),
    `${new URL(remote.url).origin.replace('//', `//worker:${remote.password}@`)}\n`,
  );
  const ada = await scene.person();
  await ada.writeTask('a', script('echo it works'));
  await ada.commit();
  await ada.push();

  const address = new URL(remote.url);
  address.username = '';
  address.password = '';
  await using worker = await WorkerProcess.start({
    remote: address.href,
    machine: 'pi',
    stateDir: scene.stateDir('pi'),
    env,
    once: true,
  });
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  expect(worker.events.filter(isEvent('recorded', 'a'))).toMatchObject([{ state: 'done' }]);

  const entries = await readdir(scene.stateDir('pi'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect(await readFile(file, 'latin1')).not.toContain(remote.password);
  expect(JSON.stringify(worker.events) + worker.errors).not.toContain(remote.password);
});
