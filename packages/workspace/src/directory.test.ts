import { chmod, mkdir, readdir, readFile, realpath, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type DirectoryRequest, prepareDirectory, type Workspace } from './directory.ts';
import { emptyTrash } from './discard-folder.ts';
import { type AtWork, listWorkspaces, removeWorkspace } from './list-workspaces.ts';
import { makeFolder } from './rig/test-rig.ts';

async function prepare(request: Partial<DirectoryRequest> & { stateDir: string }): Promise<Workspace> {
  const prepared = await prepareDirectory({ id: 'hello', attempt: 1, nonce: 'n1', ...request });
  if (!prepared.ok) throw new Error(prepared.message);
  return prepared.workspace;
}

const ENDED = '01KAB3Z0T9M6Y4V1Q8E7R00001';
const RUNNING = '01KAB3Z0T9M6Y4V1Q8E7R00002';
const nobody: AtWork = { nonces: new Set() };

/** Deletes what was last changed in 1970 and is not needed; gives the paths. */
async function sweep(stateDir: string, atWork: AtWork): Promise<string[]> {
  const old = (await listWorkspaces(stateDir, atWork)).filter(({ needed, usedAtMs }) => !needed && usedAtMs < 2_000_000);
  const gone: string[] = [];
  for (const one of old) if (await removeWorkspace(stateDir, one)) gone.push(one.path);
  return gone.sort();
}

describe('the folder of an attempt', () => {
  test('has a place of its own, and a HOME and TMPDIR that only its user may read', async () => {
    const stateDir = await realpath(await makeFolder());
    const workspace = await prepare({ stateDir });
    expect(workspace).toMatchObject({
      cwd: join(stateDir, 'work/hello/1'),
      home: join(stateDir, 'run/n1/home'),
      tmp: join(stateDir, 'run/n1/tmp'),
    });
    for (const folder of [workspace.cwd, workspace.home, workspace.tmp]) expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  test('is empty at the start, and what an earlier run left is kept beside it', async () => {
    const stateDir = await realpath(await makeFolder());
    const first = await prepare({ stateDir });
    await writeFile(join(first.cwd, 'left'), 'by the first run');
    const second = await prepare({ stateDir, nonce: 'n2' });
    expect(second.cwd).toBe(join(stateDir, 'work/hello/1.2'));
    expect(await readdir(second.cwd)).toEqual([]);
    expect(await readFile(join(first.cwd, 'left'), 'utf8')).toBe('by the first run');
  });

  test('is that of an earlier attempt where its session goes on, and a new one where that is gone or is not of this task', async () => {
    const stateDir = await realpath(await makeFolder());
    const first = await prepare({ stateDir });
    await writeFile(join(first.cwd, 'half'), 'done');
    const again = await prepare({ stateDir, attempt: 2, nonce: 'n2', reuse: first.cwd });
    expect(again.cwd).toBe(first.cwd);
    const elsewhere = [join(stateDir, 'work/hello/9'), join(stateDir, 'work/other/1'), stateDir, '/etc', join(first.cwd, '..')];
    await mkdir(join(stateDir, 'work/other/1'), { recursive: true });
    for (const [index, reuse] of elsewhere.entries()) {
      const fresh = await prepare({ stateDir, attempt: 3 + index, nonce: `n${3 + index}`, reuse });
      expect(fresh.cwd).toBe(join(stateDir, `work/hello/${3 + index}`));
    }
  });

  test('is not swept for its age where an attempt has gone on in it', async () => {
    const stateDir = await realpath(await makeFolder());
    const { cwd } = await prepare({ stateDir });
    await utimes(cwd, 1, 1);
    await prepare({ stateDir, attempt: 2, nonce: 'n2', reuse: cwd });
    const [work] = (await listWorkspaces(stateDir, nobody)).filter(({ kind }) => kind === 'work');
    expect(Date.now() - (work?.usedAtMs ?? 0)).toBeLessThan(3_600_000);
  });

  test("is the machine's own directory where one is configured", async () => {
    const directory = await makeFolder();
    expect((await prepare({ stateDir: await makeFolder(), directory })).cwd).toBe(directory);
  });

  test('cannot be prepared in a directory that is not there, and the hint names the key', async () => {
    const prepared = await prepareDirectory({
      stateDir: await makeFolder(),
      id: 'hello',
      attempt: 1,
      nonce: 'n1',
      directory: '/no/such/folder',
    });
    expect(prepared).toMatchObject({ ok: false, hint: expect.stringContaining('directory: /no/such/folder') });
  });

  test.each(['work', 'work/hello', 'run', 'run/n1'])('does not follow a link at %s out of the state directory', async (place) => {
    const [stateDir, elsewhere] = [await makeFolder(), await makeFolder()];
    await mkdir(join(stateDir, place, '..'), { recursive: true });
    await symlink(elsewhere, join(stateDir, place));
    expect(await prepareDirectory({ stateDir, id: 'hello', attempt: 1, nonce: 'n1' })).toMatchObject({ ok: false });
    expect(await readdir(elsewhere)).toEqual([]);
  });

  test.each(['..', '../x', 'a/b', '', '.'])('does not take %j for a name', async (id) => {
    expect(await prepareDirectory({ stateDir: await makeFolder(), id, attempt: 1, nonce: 'n1' })).toMatchObject({ ok: false });
  });
});

describe('removing a workspace', () => {
  test('deletes HOME and TMPDIR, keeps the work, and follows no link', async () => {
    const [stateDir, elsewhere] = [await makeFolder(), await makeFolder()];
    await writeFile(join(elsewhere, 'precious'), '');
    const workspace = await prepare({ stateDir });
    await symlink(elsewhere, join(workspace.home, 'link'));
    await mkdir(join(workspace.tmp, 'cache/read-only'), { recursive: true });
    await writeFile(join(workspace.tmp, 'cache/read-only/file'), '');
    await chmod(join(workspace.tmp, 'cache/read-only'), 0o500);
    await workspace.remove();
    await expect(stat(workspace.home)).rejects.toThrow('ENOENT');
    await expect(stat(workspace.tmp)).rejects.toThrow('ENOENT');
    expect(await readdir(elsewhere)).toEqual(['precious']);
    expect((await stat(workspace.cwd)).isDirectory()).toBe(true);
  });

  test('a sweep deletes what is old, and nothing that is young or still runs', async () => {
    const stateDir = await realpath(await makeFolder());
    const old = await prepare({ stateDir, nonce: ENDED });
    const running = await prepare({ stateDir, id: 'other', nonce: RUNNING });
    const young = await prepare({ stateDir, attempt: 2, nonce: '01KAB3Z0T9M6Y4V1Q8E7R00003' });
    const longAgo = new Date(1_000_000);
    for (const folder of [old.cwd, join(stateDir, 'run', ENDED), join(stateDir, 'run', RUNNING)])
      await utimes(folder, longAgo, longAgo);

    expect(await sweep(stateDir, { nonces: new Set([RUNNING]) })).toEqual([join(stateDir, 'run', ENDED), old.cwd]);
    for (const kept of [running.home, running.cwd, young.cwd, young.home]) expect((await stat(kept)).isDirectory()).toBe(true);
  });

  test('a sweep never deletes a folder that an attempt works in, by whatever path it is named', async () => {
    const stateDir = await realpath(await makeFolder());
    const [running, named, ended] = [
      await prepare({ stateDir }),
      await prepare({ stateDir, attempt: 2, nonce: 'n2' }),
      await prepare({ stateDir, attempt: 3, nonce: 'n3' }),
    ];
    const link = join(await makeFolder(), 'link');
    await symlink(named.cwd, link);
    for (const { cwd } of [running, named, ended]) await utimes(cwd, 1, 1);
    expect(await sweep(stateDir, { ...nobody, cwds: new Set([running.cwd, link]) })).toEqual([ended.cwd]);
  });

  test('a sweep leaves every folder of a task that is named', async () => {
    const stateDir = await realpath(await makeFolder());
    const [named, other] = [await prepare({ stateDir }), await prepare({ stateDir, id: 'other', nonce: 'n2' })];
    for (const { cwd } of [named, other]) await utimes(cwd, 1, 1);
    expect(await sweep(stateDir, { ...nobody, ids: new Set(['hello']) })).toEqual([other.cwd]);
  });

  test('a sweep leaves a folder in which an attempt has gone on since it was listed', async () => {
    const stateDir = await realpath(await makeFolder());
    const { cwd } = await prepare({ stateDir });
    await utimes(cwd, 1, 1);
    const [listed] = (await listWorkspaces(stateDir, nobody)).filter(({ kind }) => kind === 'work');
    await prepare({ stateDir, attempt: 2, nonce: 'n2', reuse: cwd });
    if (!listed) throw new Error('it was not listed');
    expect(await removeWorkspace(stateDir, listed)).toBe(false);
    expect((await stat(cwd)).isDirectory()).toBe(true);
  });

  test('a sweep follows no link out of the state directory', async () => {
    const [stateDir, elsewhere] = [await realpath(await makeFolder()), await makeFolder()];
    await mkdir(join(elsewhere, 'precious/1'), { recursive: true });
    await utimes(join(elsewhere, 'precious/1'), 1, 1);
    await mkdir(join(stateDir, 'work'));
    await symlink(join(elsewhere, 'precious'), join(stateDir, 'work/hello'));
    await symlink(elsewhere, join(stateDir, 'run'));
    expect(await sweep(stateDir, nobody)).toEqual([]);
    expect(await readdir(elsewhere)).toEqual(['precious']);
  });

  test('what a process left that died while it deleted is deleted by the next', async () => {
    const stateDir = await realpath(await makeFolder());
    await mkdir(join(stateDir, 'trash/0123456789abcdef/half/gone'), { recursive: true });
    await chmod(join(stateDir, 'trash/0123456789abcdef/half'), 0o500);
    await emptyTrash(stateDir);
    expect(await readdir(join(stateDir, 'trash'))).toEqual([]);
  });

  test('folders of somebody else that are called as ours, or nearly so, are not ours', async () => {
    const stateDir = await realpath(await makeFolder());
    for (const path of ['work/site/1', 'work/My Project/1', 'work/notes/drafts', 'run/scripts', `run/${ENDED.toLowerCase()}`])
      await mkdir(join(stateDir, path), { recursive: true });
    await chmod(join(stateDir, 'work/site'), 0o755);
    expect(await listWorkspaces(stateDir, nobody)).toEqual([]);
  });
});
