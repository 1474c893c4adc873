import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '@errand/testing';
import { describe, expect, test } from 'vitest';
import { agentGit, commit, plantProgram, type Ready, Scene, write } from '../rig/worktree-scene.ts';

/** Settings that make git run a program, as an agent would leave them for the worker's git to find. */
function hostileSettings(program: string): string {
  return `[core]
	fsmonitor = ${program}
	sshCommand = ${program}
	gitProxy = ${program}
	pager = ${program}
	editor = ${program}
	hooksPath = ${program}-hooks
	alternateRefsCommand = ${program}
	attributesFile = ${program}-attributes
[credential]
	helper = !${program}
[filter "mark"]
	clean = ${program}
	smudge = ${program}
	process = ${program}
	required = true
[diff]
	external = ${program}
[diff "mark"]
	textconv = ${program}
	command = ${program}
[gpg]
	program = ${program}
[commit]
	gpgSign = true
[push]
	gpgSign = true
[gc]
	recentObjectsHook = ${program}
[remote "origin"]
	url = ext::${program}
	uploadpack = ${program}
[protocol "ext"]
	allow = always
[include]
	path = ${program}-more
`;
}

const HOOKS = [
  'pre-push',
  'post-checkout',
  'reference-transaction',
  'post-index-change',
  'pre-commit',
  'commit-msg',
  'pre-auto-gc',
];

/** Everything that an agent can leave: in the worktree, in its metadata, and in the repository that worktrees share. */
async function plant(scene: Scene, ready: Ready, program: string): Promise<void> {
  const { cache, admin } = ready.worktree.kept;
  const settings = hostileSettings(program);
  const elsewhere = `[url "ext::${program} "]\n\tinsteadOf = ${scene.remote.url.slice(0, 4)}\n`;
  await appendFile(join(cache, 'config'), `${settings}${elsewhere}[extensions]\n\tworktreeConfig = true\n`);
  await writeFile(join(cache, 'config.worktree'), settings);
  await writeFile(join(admin, 'config.worktree'), settings);
  await mkdir(join(cache, 'info'), { recursive: true });
  await writeFile(join(cache, 'info/attributes'), '* filter=mark diff=mark\n');
  for (const folder of [join(cache, 'hooks'), `${program}-hooks`]) {
    await mkdir(folder, { recursive: true });
    for (const name of HOOKS) await mustRun('cp', [program, join(folder, name)], { env: scene.env });
  }
  await write(ready, '.gitattributes', '* filter=mark diff=mark\n');
}

describe('what an agent leaves behind', () => {
  test.each(['path', 'http'] as const)('is never run by the git of the worker, over %s', async (kind) => {
    const scene = await Scene.open(kind);
    const ready = await scene.prepare();
    const program = await plantProgram();
    await plant(scene, ready, program.path);
    await write(ready, 'new');
    expect(await commit(ready)).toMatchObject({ ok: true, commits: [expect.any(String)] });
    await plant(scene, ready, program.path);
    expect(await ready.worktree.deliver()).toEqual({ ok: true });
    expect(await scene.delivered()).toEqual(['.gitattributes', 'README.md', 'new']);
    await plant(scene, ready, program.path);
    await scene.prepare({ attempt: 2, takeOver: ready.worktree.kept });
    await plant(scene, ready, program.path);
    await scene.prepare({ attempt: 3 });
    await plant(scene, ready, program.path);
    await ready.worktree.discard();
    expect(existsSync(ready.workspace.cwd)).toBe(false);
    expect(await program.ran()).toBe(false);
  });

  test('is run by nobody when it is a repository in the work tree, or in the place of a submodule', async () => {
    const scene = await Scene.open('path', { '.gitmodules': '[submodule "s"]\n\tpath = s\n\turl = ./s\n' });
    const linked = (await scene.person.git('rev-parse', 'HEAD')).trim();
    await scene.person.git('update-index', '--add', '--cacheinfo', `160000,${linked},s`);
    await scene.person.git('commit', '--quiet', '-m', 'a submodule');
    await scene.person.push();
    const ready = await scene.prepare();
    const program = await plantProgram();
    const folders = ['s', 'committed', 'sub', 'deep/sub'];
    for (const folder of folders) {
      await agentGit(ready, 'init', '--quiet', folder);
      await write(ready, `${folder}/file`, 'one');
      await agentGit(ready, '-C', folder, 'add', '.');
      await agentGit(ready, '-C', folder, 'commit', '--quiet', '-m', 'inner');
    }
    // Where the commit is the recorded one, git would look at the files next, by the settings found there.
    await agentGit(ready, 'add', 's', 'committed');
    await agentGit(ready, 'commit', '--quiet', '-m', 'mine');
    for (const folder of folders) {
      await appendFile(join(ready.workspace.cwd, folder, '.git/config'), hostileSettings(program.path));
      await write(ready, `${folder}/.gitattributes`, '* filter=mark\n');
      await write(ready, `${folder}/file`, 'two');
    }
    expect(await commit(ready)).toMatchObject({ ok: true, commits: [expect.any(String), expect.any(String)] });
    expect(await ready.worktree.deliver()).toEqual({ ok: true });
    expect(await program.ran()).toBe(false);
  });

  test('is not written through: a link in the place of a file of ours is replaced', async () => {
    const scene = await Scene.open();
    const ready = await scene.prepare();
    const { cache, admin } = ready.worktree.kept;
    const precious = join(scene.stateDir, 'precious');
    await writeFile(precious, 'mine');
    for (const path of [join(cache, 'config'), join(cache, 'HEAD'), join(admin, 'commondir'), join(admin, 'gitdir')]) {
      await rm(path);
      await symlink(precious, path);
    }
    await write(ready, 'new');
    expect(await commit(ready)).toMatchObject({ ok: true, commits: [expect.any(String)] });
    expect(await readFile(precious, 'utf8')).toBe('mine');
  });

  test('in the shared repository does not reach the next attempt', async () => {
    const scene = await Scene.open();
    const first = await scene.prepare();
    await agentGit(first, 'config', 'user.name', 'Mallory');
    await agentGit(first, 'config', 'alias.status', '!false');
    await agentGit(first, 'branch', 'errand/fix-it/2');
    await agentGit(first, 'tag', 'planted');
    const second = await scene.prepare({ attempt: 2 });
    expect(await agentGit(second, 'config', '--list', '--local')).not.toMatch(/mallory|alias/i);
    expect(await agentGit(second, 'tag', '--list')).toBe('');
  });

  test('a branch that blocks the names of ours costs a new clone, and nothing else', async () => {
    const scene = await Scene.open();
    const first = await scene.prepare();
    await agentGit(first, 'checkout', '--quiet', '--detach');
    await agentGit(first, 'branch', '--delete', '--force', 'errand/fix-it/1');
    await agentGit(first, 'branch', 'errand');
    const second = await scene.prepare({ attempt: 2 });
    expect(second.worktree.kept.cache).not.toBe(first.worktree.kept.cache);
    await write(first, 'new');
    expect(await commit(first)).toMatchObject({ ok: true, commits: [expect.any(String)] });
    expect(await first.worktree.deliver()).toEqual({ ok: true });
  });
});
