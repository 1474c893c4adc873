import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { loadMachineConfig, type MachineConfig } from '@errand/config';
import { type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findInstalledEnvironment } from './find-installed.ts';
import { inspectPort, inspectService } from './inspect-service.ts';
import { type InstallRequest, installService, renderService, restartService, uninstallService } from './install-service.ts';
import { launchdManager } from './launchd/launchd-manager.ts';
import { openLogs } from './open-logs.ts';
import { planService } from './plan/plan-service.ts';
import { type RecordingHost, recordingHost } from './rig/recording-host.ts';
import { describeHostOf } from './service-host.ts';

// On a Mac whose launchctl is only recorded: everything but the manager's own calls is the same for systemd.
const PRINT = 'launchctl print gui/1000/dev.errand.worker';
const NOT_LOADED = { exitCode: 113 };

let folder: TemporaryDirectory;
let host: RecordingHost;
let plist: string;

beforeEach(() => {
  folder = temporaryDirectory();
  host = recordingHost({ home: folder.path, platform: 'darwin' });
  plist = join(folder.path, 'Library/LaunchAgents/dev.errand.worker.plist');
  host.answers.set(PRINT, NOT_LOADED);
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
  expect(await installService(asked)).toMatchObject({ ok: true, unitPath: plist, file: 'new', ready: null });
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

test('what is done about a service is done about its own configuration, from whatever shell', async () => {
  const named = { ...host, env: { ...host.env, ERRAND_CONFIG: join(folder.path, 'c.yaml'), XDG_STATE_HOME: '/data/state' } };
  await installService({ ...(await request()), host: named });
  const { ERRAND_CONFIG, XDG_STATE_HOME } = named.env;
  expect(await findInstalledEnvironment(host, 'user')).toEqual({ ...host.env, ERRAND_CONFIG, XDG_STATE_HOME });
  const other = { ...host, env: { ...host.env, ERRAND_CONFIG: '/other.yaml', ERRAND_STATE_DIR: '/other' } };
  expect(await findInstalledEnvironment(other, 'user')).toEqual({ ...host.env, ERRAND_CONFIG, XDG_STATE_HOME });
  await uninstallService(host, 'user', 1_000);
  expect(await findInstalledEnvironment(other, 'user')).toBe(other.env);
});

test('a worker whose file somebody removed is known, and stopped', async () => {
  await installService(await request());
  await rm(plist);
  host.answers.set(PRINT, [{ stdout: `\tpath = ${plist}\n\tstate = running\n\tpid = 7\n` }]);
  expect(await inspectService({ env: host.env, host })).toMatchObject({ unitPath: null, orphaned: true, mainPid: 7 });
  const running = { stdout: `\tpath = ${plist}\n\tstate = running\n\tpid = 7\n` };
  host.answers.set(PRINT, [running, running, NOT_LOADED]);
  expect(await uninstallService(host, 'user', 1_000)).toMatchObject({ ok: true, unitPath: plist });
  expect(host.calls.at(-2)).toBe('launchctl bootout gui/1000/dev.errand.worker');
});

test('a Node where others may write chooses no programs for the service', async () => {
  const asked = await request();
  const bin = join(folder.path, 'bin');
  await mkdir(bin, { mode: 0o777 });
  await chmod(bin, 0o777);
  const shared = { ...host, node: join(bin, 'node'), userUid: process.getuid?.() ?? 0 };
  expect(await installService({ ...asked, host: shared })).toMatchObject({
    ok: false,
    failure: { code: 'untrusted-node', message: expect.stringContaining(bin) },
  });
  expect(host.calls.filter((call) => call.includes('bootstrap'))).toEqual([]);
});

test('a file that its manager does not take up is not left behind, and a worker that runs is told of before it stops', async () => {
  const asked = await request();
  host.answers.set('launchctl bootstrap', { exitCode: 1, stderr: 'no' });
  expect(await installService(asked)).toMatchObject({ ok: false, failure: { code: 'launchctl-failed' } });
  expect(await readdir(dirname(plist))).toEqual([]);
  host.answers.delete('launchctl bootstrap');
  let told = 0;
  const onRestart = () => void told++;
  await installService({ ...asked, onRestart });
  expect(told).toBe(0);
  const running = { stdout: '\tstate = running\n\tpid = 7\n' };
  host.answers.set(PRINT, [running, running, NOT_LOADED]);
  await installService({ ...asked, onRestart });
  expect(told).toBe(1);
});

test('a worker that cannot be stopped keeps its file: what is not there cannot be repaired', async () => {
  await installService(await request());
  host.answers.set(PRINT, {});
  host.answers.set('launchctl bootout', { exitCode: 5, stderr: 'Input/output error' });
  expect(await uninstallService(host, 'user', 1_000)).toMatchObject({ ok: false, failure: { code: 'launchctl-failed' } });
  expect(await readdir(dirname(plist))).toHaveLength(1);
});

test("the machine's service is root's, and nothing is touched without", async () => {
  const asked = await request();
  const needsRoot = {
    ok: false,
    failure: { code: 'needs-root', hint: expect.stringContaining(`sudo ${host.root}/scripts/errand`) },
  };
  expect(await installService({ ...asked, scope: 'system' })).toMatchObject(needsRoot);
  expect(await restartService(host, 'system', 1_000)).toMatchObject(needsRoot);
  expect(host.calls).toEqual([]);
});

test('a second service of the same user is refused, with how to have it instead of the first', async () => {
  const asked = await request();
  await installService(asked);
  const before = host.calls.length;
  expect(await installService({ ...asked, host: { ...host, uid: 0 }, scope: 'system' })).toMatchObject({
    ok: false,
    failure: { code: 'installed-elsewhere', hint: expect.stringContaining('errand service uninstall as me') },
  });
  expect(host.calls).toHaveLength(before);
});

test("another user's service is held against that user's configuration, and is unknown where it cannot be read", async () => {
  const home = join(folder.path, 'other');
  host.answers.set('dscl . -read /Users/other', { stdout: `NFSHomeDirectory:\n ${home}\nUniqueID: 502\n` });
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  };
  const config = join(home, '.config/errand/config.yaml');
  await write(config, 'queue: /q.git\ngrace: { shutdown: 10m }\n');
  const theirs = await loadMachineConfig({ HOME: home });
  if (!theirs.ok || theirs.value === null) throw new Error('not valid');
  const port = { ...launchdManager(host, 'system'), unitPath: join(folder.path, 'daemon.plist') };
  await write(port.unitPath, port.render(planService({ ...host, user: 'other', userUid: 502, home }, 'system', theirs.value)));
  await configure('queue: /q.git\n');
  expect(await inspectPort(host, port)).toMatchObject({ current: true });
  await write(config, 'queue: /q.git\n');
  expect(await inspectPort(host, port)).toMatchObject({ current: false });
  await rm(config);
  expect(await inspectPort(host, port)).toMatchObject({ current: null });
});

test("who acts as root for somebody acts with that user's id and home, and without root's own folders", async () => {
  const root = {
    ...host,
    platform: 'linux' as const,
    uid: 0,
    user: 'root',
    env: { PATH: '/bin', HOME: '/root', XDG_STATE_HOME: '/root/x' },
  };
  host.answers.set('getent passwd other', { stdout: 'other:x:502:502:O:/home/other:/bin/sh\n' });
  host.answers.set('getent passwd nobody-here', { exitCode: 2 });
  expect(await describeHostOf('other', root)).toMatchObject({ uid: 0, user: 'other', userUid: 502, home: '/home/other' });
  expect((await describeHostOf('other', root))?.env).toEqual({ PATH: '/bin', HOME: '/home/other' });
  expect(await describeHostOf('nobody-here', root)).toBeNull();
  expect(await describeHostOf('--help', root)).toBeNull();
});

test('what a file of lines cannot hold is refused, and restart without a file says what to run', async () => {
  const asked = await request();
  const odd = { ...host, root: '/home/me/two\nlines' };
  expect(await installService({ ...asked, host: odd })).toMatchObject({ ok: false, failure: { code: 'unwritable-value' } });
  expect(await restartService(host, 'user', 1_000)).toMatchObject({ ok: false, failure: { code: 'not-installed' } });
});

test('where no manager runs nothing is restarted, and it says what to start; the unit for Linux can be read all the same', async () => {
  const machine = await configure('queue: /q.git\n');
  const bare = recordingHost({ home: folder.path, platform: 'freebsd' });
  let begun = false;
  const restarted = await restartService(bare, 'user', 1_000, () => (begun = true));
  expect([restarted, begun]).toEqual([
    {
      ok: false,
      failure: expect.objectContaining({ hint: expect.stringContaining(`/bin/sh ${folder.path}/errand/scripts/errand worker`) }),
    },
    false,
  ]);
  expect(renderService({ host: bare, scope: 'user', machine })).toMatchObject({ ok: false });
  const rendered = renderService({ host: { ...bare, platform: 'linux' }, scope: 'user', machine });
  expect(rendered).toMatchObject({ ok: true, text: expect.stringContaining('ExecStart=') });
});

test('where no manager runs each wish is told what is so and what to do, and the line to run brings HOME and PATH', async () => {
  const bare = recordingHost({ home: folder.path, platform: 'freebsd' });
  const ask = { host: bare, scope: 'user' as const };
  const none = { signal: new AbortController().signal, hear: () => {} };
  const machine = await configure('queue: /q.git\n');
  const [installed, removed, restarted, shown] = await Promise.all([
    installService({ ...ask, machine, linger: false, waitMs: 1 }),
    uninstallService(bare, 'user', 1),
    restartService(bare, 'user', 1),
    openLogs({ ...ask, lines: 1, follow: false, ...none }),
  ]);
  const line = expect.stringMatching(/HOME=\S+ PATH=\S+ \/bin\/sh \S+\/scripts\/errand worker/);
  expect(installed).toMatchObject({ failure: { message: expect.stringMatching(/^errand knows/), hint: line } });
  expect(restarted).toMatchObject({ failure: { message: expect.stringMatching(/^nothing is installed here/), hint: line } });
  expect(removed).toMatchObject({ failure: { message: expect.stringMatching(/^nothing is installed here/) } });
  expect(removed).toMatchObject({ failure: { hint: expect.not.stringContaining('errand worker') } });
  expect(shown).toMatchObject({ failure: { hint: expect.stringContaining('standard output') } });
});
