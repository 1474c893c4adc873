import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { loadMachineConfig, type MachineConfig } from '@errand/config';
import { type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inspectService } from './inspect-service.ts';
import { type InstallRequest, installService, restartService, uninstallService } from './install-service.ts';
import { type RecordingHost, recordingHost } from './rig/recording-host.ts';

// On a Mac whose launchctl is only recorded: everything but the manager's own calls is the same for systemd.
let folder: TemporaryDirectory;
let host: RecordingHost;
let plist: string;

beforeEach(() => {
  folder = temporaryDirectory();
  host = recordingHost({ home: folder.path, platform: 'darwin' });
  plist = join(folder.path, 'Library/LaunchAgents/dev.errand.worker.plist');
});
afterEach(() => folder[Symbol.asyncDispose]());

async function configure(text: string): Promise<MachineConfig> {
  await mkdir(join(folder.path, '.config/errand'), { recursive: true });
  await writeFile(join(folder.path, '.config/errand/config.yaml'), text);
  const loaded = await loadMachineConfig(host.env);
  if (!loaded.ok || loaded.value === null) throw new Error('not valid');
  return loaded.value;
}

async function request(): Promise<InstallRequest> {
  return { host, scope: 'user', machine: await configure('queue: /q.git\n'), linger: true, waitMs: 1_000 };
}

test('twice is as good as once, and a change of the grace is seen as one', async () => {
  const asked = await request();
  expect(await installService(asked)).toMatchObject({ ok: true, unitPath: plist, file: 'new', ready: true });
  const written = await readFile(plist, 'utf8');
  expect(await installService(asked)).toMatchObject({ ok: true, file: 'same' });
  expect(await readFile(plist, 'utf8')).toBe(written);
  expect(await readdir(dirname(plist))).toEqual(['dev.errand.worker.plist']);
  expect(await inspectService({ env: host.env, host })).toMatchObject({ unitPath: plist, current: true });

  const machine = await configure('queue: /q.git\ngrace: { shutdown: 10m }\n');
  expect(await inspectService({ env: host.env, host })).toMatchObject({ unitPath: plist, current: false });
  expect(await installService({ ...asked, machine })).toMatchObject({ ok: true, file: 'replaced' });
});

test('another shell with another PATH does not make an installation look old', async () => {
  await installService(await request());
  const elsewhere = { ...host, env: { ...host.env, PATH: '/somewhere/else:/usr/bin' } };
  expect(await inspectService({ env: elsewhere.env, host: elsewhere })).toMatchObject({ current: true });
});

test('a file of that name that errand did not write is neither replaced nor removed', async () => {
  await mkdir(dirname(plist), { recursive: true });
  await writeFile(plist, 'mine\n');
  expect(await installService(await request())).toMatchObject({ ok: false, failure: { code: 'foreign-unit' } });
  expect(await uninstallService(host, 'user', 1_000)).toMatchObject({ ok: false, failure: { code: 'foreign-unit' } });
  expect(await inspectService({ env: host.env, host })).toMatchObject({ foreign: true, unitPath: null, current: false });
  expect(await readFile(plist, 'utf8')).toBe('mine\n');
});

test('uninstall leaves nothing, and has nothing to do where nothing is', async () => {
  await installService(await request());
  expect(await uninstallService(host, 'user', 1_000)).toMatchObject({ ok: true, unitPath: plist });
  expect(await readdir(dirname(plist))).toEqual([]);
  expect(await uninstallService(host, 'user', 1_000)).toMatchObject({ ok: true, unitPath: null });
});

test('a worker that cannot be stopped keeps its file: what is not there cannot be repaired', async () => {
  await installService(await request());
  host.answers.set('launchctl bootout', { exitCode: 5, stderr: 'Input/output error' });
  expect(await uninstallService(host, 'user', 1_000)).toMatchObject({ ok: false, failure: { code: 'launchctl-failed' } });
  expect(await readdir(dirname(plist))).toHaveLength(1);
});

test("the machine's service is root's, and nothing is touched without", async () => {
  const asked = await request();
  expect(await installService({ ...asked, scope: 'system' })).toMatchObject({
    ok: false,
    failure: { code: 'needs-root', hint: expect.stringContaining('sudo ') },
  });
  expect(host.calls).toEqual([]);
});

test('what a file of lines cannot hold is refused, and restart without a file says what to run', async () => {
  const asked = await request();
  const odd = { ...host, root: '/home/me/two\nlines' };
  expect(await installService({ ...asked, host: odd })).toMatchObject({ ok: false, failure: { code: 'unwritable-value' } });
  expect(await restartService(host, 'user', 1_000)).toMatchObject({ ok: false, failure: { code: 'not-installed' } });
});
