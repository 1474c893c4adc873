import { appendFile, cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '@errand/testing';
import { describe, expect, test } from 'vitest';
import { makeFolder } from '../rig/test-rig.ts';
import { commit, plantProgram, Scene, write } from '../rig/worktree-scene.ts';
import { pathOf } from './find-remote.ts';
import { networkEnvironment } from './git-environment.ts';

const HOOKS = [
  'pre-receive',
  'update',
  'post-receive',
  'post-update',
  'reference-transaction',
  'pre-auto-gc',
  'push-to-checkout',
];

/** A copy of the scene's repository in which all that serving it could run is the program. */
async function plantRepository(scene: Scene, place: string, program: string): Promise<void> {
  await cp(scene.remote.repository.dir, place, { recursive: true });
  await mkdir(join(place, 'hooks'), { recursive: true });
  for (const name of HOOKS) await mustRun('cp', [program, join(place, 'hooks', name)], { env: scene.env });
  const other = await makeFolder();
  await cp(scene.remote.repository.dir, other, { recursive: true });
  await mkdir(join(place, 'objects/info'), { recursive: true });
  await writeFile(join(place, 'objects/info/alternates'), `${join(other, 'objects')}\n`);
  const core = `[core]\n\thooksPath = ${join(place, 'hooks')}\n\tfsmonitor = ${program}\n\talternateRefsCommand = ${program}\n`;
  const others = `[receive]\n\tautogc = true\n[gc]\n\tauto = 1\n\trecentObjectsHook = ${program}\n[uploadpack]\n\tpackObjectsHook = ${program}\n`;
  await appendFile(join(place, 'config'), core + others);
}

describe('a repository on the same disk', () => {
  test.each(['', 'file://'])('runs none of its programs when it is fetched from and pushed to, as %s…', async (scheme) => {
    const scene = await Scene.open();
    const program = await plantProgram();
    const place = join(await makeFolder(), 'evil repository.git');
    await plantRepository(scene, place, program.path);
    const remote = scheme + (scheme === '' ? place : encodeURI(place));
    const ready = await scene.prepare({ remote });
    await write(ready, 'new');
    await commit(ready);
    expect(await ready.worktree.deliver()).toEqual({ ok: true });
    const listed = await mustRun('git', ['--git-dir', place, 'ls-tree', '--name-only', 'errand/fix-it/1'], { env: scene.env });
    expect(listed).toBe('README.md\nnew\n');
    expect(await program.ran()).toBe(false);
  });

  test('does not check out what is pushed to it, through whatever filter', async () => {
    const scene = await Scene.open('path', { '.gitattributes': '* filter=mark\n' });
    const program = await plantProgram();
    const folder = await makeFolder();
    await mustRun('git', ['clone', '--quiet', scene.remote.repository.dir, folder], { env: scene.env });
    for (const args of [
      ['config', 'receive.denyCurrentBranch', 'updateInstead'],
      ['config', 'filter.mark.smudge', program.path],
      ['update-ref', 'refs/heads/errand/fix-it/1', 'HEAD'],
      ['rm', '-rfq', '.'],
      ['symbolic-ref', 'HEAD', 'refs/heads/errand/fix-it/1-2'],
    ])
      await mustRun('git', args, { cwd: folder, env: scene.env });
    const ready = await scene.prepare({ remote: folder, base: 'main' });
    expect(ready.worktree.branch).toBe('errand/fix-it/1-2');
    await write(ready, 'new');
    await commit(ready);
    expect(await ready.worktree.deliver()).toMatchObject({ ok: false, cause: 'refused' });
    expect(await program.ran()).toBe(false);
  });

  test('is not asked anything where it lies among what attempts have made, by whatever way it is named', async () => {
    const scene = await Scene.open();
    const program = await plantProgram();
    const first = await scene.prepare();
    const place = join(first.workspace.cwd, 'evil.git');
    await plantRepository(scene, place, program.path);
    const folder = await makeFolder();
    await symlink(place, join(folder, 'link'));
    await symlink(place, join(folder, 'named.git'));
    await mkdir(join(folder, 'pointing'));
    await writeFile(join(folder, 'pointing/.git'), `gitdir: ${place}\n`);
    const settings = `[url "${place}"]\n\tinsteadOf = https://example.invalid/evil\n`;
    await appendFile(join(scene.env.HOME ?? '', '.gitconfig'), settings);
    const ways = [
      place,
      `file://${place}`,
      `file://${place.replace('evil', '%65vil')}`,
      place.replace(/\.git$/, ''),
      join(folder, 'link'),
      join(folder, 'named'),
      join(folder, 'pointing'),
      `${folder}/../${folder.split('/').at(-1)}/link`,
      'https://example.invalid/evil',
    ];
    for (const [index, remote] of ways.entries()) {
      const prepared = await scene.try({ id: 'other', attempt: index + 1, remote });
      expect(prepared, remote).toMatchObject({ ok: false, cause: 'failed', message: expect.stringContaining('state directory') });
    }
    expect(await program.ran()).toBe(false);
  });

  test('that was put among them while the attempt ran is not delivered to', async () => {
    const scene = await Scene.open();
    const program = await plantProgram();
    const link = join(await makeFolder(), 'link');
    await symlink(scene.remote.repository.dir, link);
    const ready = await scene.prepare({ remote: link });
    await write(ready, 'new');
    await commit(ready);
    const place = join(ready.workspace.cwd, 'evil.git');
    await plantRepository(scene, place, program.path);
    await mustRun('ln', ['-sfn', place, link], { env: scene.env });
    const message = expect.stringContaining('state directory');
    expect(await ready.worktree.deliver()).toMatchObject({ ok: false, cause: 'refused', message });
    expect(await program.ran()).toBe(false);
  });

  test('whose settings name hooks, as newer versions of git take them, is refused before anything is done', async () => {
    const scene = await Scene.open();
    await scene.remote.repository.git('config', 'hook.mine.command', 'true');
    expect(await scene.try()).toMatchObject({ ok: false, cause: 'failed', message: expect.stringContaining('name hooks') });
  });

  test.each([
    ['/srv/a.git', '/srv/a.git'],
    ['file:///srv/a%20b', '/srv/a b'],
    ['file://host/srv', '//host/srv'],
    ['./a:b', './a:b'],
    ['host:a/b', null],
    ['me@host:b', null],
    ['ssh://host/b', null],
    ['https://host/b', null],
  ])('%s lies at %s', (url, path) => {
    expect(pathOf(url)).toBe(path);
  });
});

describe('the environment of git that talks to a repository', () => {
  const env = { PATH: '/usr/bin', HOME: '/home/me', TOKEN: 'secret', SSH_AUTH_SOCK: '/agent', GIT_CONFIG_COUNT: '0' };

  test('has nothing of the worker for one on this disk, and no other protocol', () => {
    const built = networkEnvironment(env, { address: '/srv/a.git', local: true }, 'name');
    expect(Object.keys(built)).not.toEqual(expect.arrayContaining(['TOKEN']));
    expect(built).toMatchObject({ HOME: '/home/me', GIT_ALLOW_PROTOCOL: 'file', GIT_CONFIG_KEY_0: 'remote.name.url' });
    expect(built.SSH_AUTH_SOCK).toBeUndefined();
  });

  test('has the credentials of the worker for one elsewhere, and leads to none on this disk', () => {
    const built = networkEnvironment(env, { address: 'ssh://host/a.git', local: false }, 'name');
    expect(built).toMatchObject({ TOKEN: 'secret', SSH_AUTH_SOCK: '/agent', GIT_CONFIG_COUNT: '1' });
    expect(built.GIT_ALLOW_PROTOCOL?.split(':')).not.toContain('file');
  });
});
