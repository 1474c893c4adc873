import { chmod, chown, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@errand/testing';
import { describe, expect, test } from 'vitest';
import { Machine } from '../rig/machine.ts';
import { judgeClock } from './clock.ts';
import { config } from './config.ts';
import { judgeContainment } from './containment.ts';
import { judgeRoom } from './disk.ts';
import { outbox } from './outbox.ts';
import { judgeGit, judgeNode } from './programs.ts';
import { judgeMode, secrets } from './secrets.ts';
import { lookAtState, stateFolder } from './state-dir.ts';

describe('the configuration', () => {
  test('with an error is a fault with file, line and remedy, and the machine is looked at all the same', async () => {
    await using machine = new Machine();
    await machine.configure('queue: /nowhere/queue.git', 'polcy: {}');
    const [first, ...others] = await machine.see({}, config, stateFolder);
    expect(first).toMatchObject({ check: 'config', state: 'fault', what: expect.stringContaining(`${machine.configPath}:2:1`) });
    expect(first?.remedy).toContain('policy');
    expect(others.map(({ check }) => check)).toContain('state');
  });

  test('that is not there is a fault that says how to join', async () => {
    await using machine = new Machine();
    expect(await machine.see({}, config)).toMatchObject([{ state: 'fault', command: 'errand join REMOTE' }]);
  });
});

describe('files with secrets', () => {
  test('that others may read are closed by --fix, and only by it', async () => {
    await using machine = new Machine();
    const token = join(machine.folder.path, 'token');
    await writeFile(token, 'secret-words', { mode: 0o644 });
    await machine.configure('queue: /q', 'agents:', `  claude: { env: { CLAUDE_CODE_OAUTH_TOKEN: { file: ${token} } } }`);
    const [seen] = await machine.see({}, secrets);
    expect(seen).toMatchObject({ state: 'warning', fixable: true, fixed: false, command: `chmod 600 ${token}` });
    expect((await stat(token)).mode & 0o777).toBe(0o644);
    expect(await machine.see({ fix: true }, secrets)).toMatchObject([{ fixed: true, did: `chmod 600 ${token}` }]);
    expect((await stat(token)).mode & 0o777).toBe(0o600);
    const content = await machine.see({}, secrets);
    expect(content).toMatchObject([{ state: 'ok' }]);
    expect(JSON.stringify([seen, content])).not.toContain('secret-words');
  });

  test("count as such where the machine's own file holds the secret itself", async () => {
    await using machine = new Machine();
    await machine.configure('queue: /q', 'agents: { claude: { env: { ANTHROPIC_API_KEY: sk-secret } } }');
    await chmod(machine.configPath, 0o640);
    const [seen] = await machine.see({}, secrets);
    expect(seen).toMatchObject({ state: 'warning', command: `chmod 600 ${machine.configPath}` });
    expect(JSON.stringify(seen)).not.toContain('sk-secret');
  });

  test('that are not there are a fault', async () => {
    await using machine = new Machine();
    await machine.configure('queue: /q', 'ntfy: { server: https://ntfy.example, topic: t, token: { file: /nowhere/token } }');
    expect(await machine.see({}, secrets)).toMatchObject([{ state: 'fault', what: expect.stringContaining('/nowhere/token') }]);
  });
});

describe('the state directory', () => {
  test('is closed to others by --fix, and nothing is left in it by looking', async () => {
    await using machine = new Machine();
    await mkdir(machine.stateDir, { mode: 0o755 });
    await chmod(machine.stateDir, 0o755);
    expect(await machine.see({}, stateFolder)).toMatchObject([{ state: 'warning', fixable: true }]);
    expect(await machine.see({ fix: true }, stateFolder)).toMatchObject([{ fixed: true }]);
    expect(await machine.see({}, stateFolder)).toMatchObject([{ state: 'ok' }]);
    expect(await readdir(machine.stateDir)).toEqual([]);
  });

  test('may be a link: what it leads to is judged, and closed by --fix; a link to nothing is a fault', async () => {
    await using machine = new Machine();
    const elsewhere = join(machine.folder.path, 'disk');
    await symlink(elsewhere, machine.stateDir);
    expect(await machine.see({}, stateFolder)).toMatchObject([{ state: 'fault', what: expect.stringContaining(elsewhere) }]);
    await mkdir(elsewhere, { mode: 0o700 });
    expect(await machine.see({}, stateFolder)).toMatchObject([{ state: 'ok' }]);
    await chmod(elsewhere, 0o755);
    expect(await machine.see({ fix: true }, stateFolder)).toMatchObject([{ state: 'warning', fixed: true }]);
    expect((await stat(elsewhere)).mode & 0o777).toBe(0o700);
  });
});

describe.skipIf(process.getuid?.() !== 0)('files of another user (only root can prepare them)', () => {
  const [ME, OTHER, ROOT] = [54_321, 12_345, 0];

  test('in the state directory are a fault; root is told whose it is, and does not change it', async () => {
    await using machine = new Machine();
    const deep = join(machine.stateDir, 'queues/abc');
    await mkdir(deep, { recursive: true });
    await chown(join(machine.stateDir, 'queues'), ME, ME);
    await chown(machine.stateDir, ME, ME);
    await chown(deep, OTHER, OTHER);
    expect(await lookAtState(machine.stateDir, ME)).toMatchObject([
      { state: 'fault', what: expect.stringContaining(deep), command: expect.stringContaining('chown -R') },
    ]);
    const asRoot = await lookAtState(machine.stateDir, ROOT);
    expect(asRoot).toMatchObject([{ state: 'note', command: `sudo -u '#${ME}' errand doctor` }]);
    expect(asRoot[0]).not.toHaveProperty('repair');
  });

  test('that hold secrets are not closed by who does not own them', async () => {
    await using folder = temporaryDirectory();
    const path = join(folder.path, 'token');
    await writeFile(path, 'x', { mode: 0o644 });
    await chown(path, ME, ME);
    const [mine, others, root] = await Promise.all([ME, OTHER, ROOT].map(async (uid) => (await judgeMode(path, 'it', uid))[0]));
    expect(mine).toMatchObject({ command: `chmod 600 ${path}`, repair: expect.any(Function) });
    expect(others?.remedy).toContain(`number ${ME}`);
    expect(others).not.toHaveProperty('command');
    expect([others?.repair, root?.repair]).toEqual([undefined, undefined]);
    expect(root).toMatchObject({ remedy: expect.stringContaining(`number ${ME}`), command: `chmod 600 ${path}` });
  });
});

test('tasks that wait in the outbox for long are named; --fix tells why they stay', async () => {
  await using machine = new Machine();
  await machine.configure(`queue: ${join(machine.folder.path, 'nowhere.git')}`);
  const { openQueue } = await import('@errand/queue');
  const clock = { wallMs: Date.now, elapsedMs: Date.now };
  const queue = openQueue({
    remote: join(machine.folder.path, 'nowhere.git'),
    branch: 'main',
    stateDir: machine.stateDir,
    clock,
  });
  const entry = { content: 'Do it.\n', subject: 'add: it', commits: [] };
  await queue.outbox.add({ ...entry, id: 'old-one', createdAt: '2026-01-01T00:00:00.000Z' });
  await queue.outbox.add({ ...entry, id: 'new-one', createdAt: new Date().toISOString() });
  const [seen] = await machine.see({}, outbox);
  expect(seen).toMatchObject({ state: 'warning', fixable: true, what: expect.stringContaining('old-one') });
  expect(seen?.what).not.toContain('new-one');
  const [tried] = await machine.see({ fix: true, offline: false }, outbox);
  expect(tried).toMatchObject({ fixed: false, did: expect.stringMatching(/^could not: /) });
});

describe('what is judged', () => {
  test.each([
    ['git version 2.39.5', 'ok'],
    ['git version 2.34.0', 'ok'],
    ['git version 2.50.1 (Apple Git-155)', 'ok'],
    ['git version 2.33.9', 'fault'],
    ['git version 1.99.0', 'fault'],
    [null, 'fault'],
  ])('git that says %s: %s', (shown, state) => {
    expect(judgeGit(shown)).toMatchObject([{ state }]);
  });

  test.each([
    ['20.19.0', 'ok'],
    ['22.1.0', 'ok'],
    ['20.9.0', 'fault'],
  ])('Node %s: %s', (version, state) => {
    expect(judgeNode(version)).toMatchObject([{ state }]);
  });

  test('a disk: full is a fault, low a warning', () => {
    const states = [10, 100, 1_000].map((mib) => judgeRoom('it', '/x', mib * 1024 * 1024, null)[0]?.state);
    expect(states).toEqual(['fault', 'warning', 'ok']);
    expect(judgeRoom('it', '/x', 1e12, 10)).toMatchObject([{ state: 'warning' }]);
  });

  test('clocks: minutes off are a warning; a time of the past tells only where it is in the future', () => {
    const off = (aheadMs: number, isOld = false) => judgeClock([{ whose: 'the clock of x', aheadMs, isOld }], null)[0];
    expect(off(60_000)?.state).toBe('ok');
    expect(off(600_000)).toMatchObject({ state: 'warning', what: "this machine's clock is 10 min ahead of the clock of x" });
    expect(off(-600_000)).toMatchObject({ state: 'warning', what: "this machine's clock is 10 min behind the clock of x" });
    expect(off(600_000, true)?.state).toBe('ok');
    expect(off(-600_000, true)?.state).toBe('warning');
    expect(judgeClock([], false)).toMatchObject([{ state: 'note' }]);
  });

  test('containment: the process tree alone is a warning that says why', () => {
    expect(judgeContainment('cgroup', [])).toMatchObject([{ state: 'ok' }]);
    const tree = judgeContainment('tree', [{ kind: 'cgroup', reason: 'no systemd' }]);
    expect(tree).toMatchObject([{ state: 'warning', why: 'cgroup: no systemd' }]);
  });
});
