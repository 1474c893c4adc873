import { existsSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HttpRemote, mustRun } from '@errand/testing';
import { describe, expect, test } from 'vitest';
import { discardFolder } from '../discard-folder.ts';
import { listWorkspaces } from '../list-workspaces.ts';
import { makeFolder } from '../rig/test-rig.ts';
import { agentGit, commit, plantProgram, Scene, tryAgentGit, write } from '../rig/worktree-scene.ts';

describe('a worktree', () => {
  test.each(['path', 'http'] as const)('is made from the default branch as it is now, over %s', async (kind) => {
    const scene = await Scene.open(kind);
    const first = await scene.prepare();
    expect(first.workspace.cwd).toMatch(/\/work\/fix-it\/1$/);
    expect(first.worktree.branch).toBe('errand/fix-it/1');
    expect((await agentGit(first, 'branch', '--show-current')).trim()).toBe('errand/fix-it/1');
    expect((await agentGit(first, 'status', '--porcelain')).trim()).toBe('');

    const oid = await scene.publish({ 'new.txt': 'new\n' });
    const second = await scene.prepare({ id: 'other' });
    expect(second.worktree.baseOid).toBe(oid);
    expect(await readFile(join(second.workspace.cwd, 'new.txt'), 'utf8')).toBe('new\n');
    expect(existsSync(join(first.workspace.cwd, 'new.txt'))).toBe(false);
    expect(await scene.clones()).toHaveLength(1);
    expect((await lstat(join(second.workspace.cwd, '.git'))).isFile()).toBe(true);
  });

  test('starts from a branch, a tag, or a commit by its name, also a short one', async () => {
    const scene = await Scene.open();
    const tagged = await scene.publish({ a: '1' });
    await scene.person.git('tag', '-a', '-m', 'one', 'v1');
    await scene.person.git('branch', 'topic/x');
    await scene.person.git('push', '--quiet', 'origin', 'v1', 'topic/x');
    const later = await scene.publish({ a: '2' });
    let attempt = 0;
    for (const base of ['v1', 'topic/x', 'refs/heads/topic/x', tagged, tagged.slice(0, 9)]) {
      attempt += 1;
      expect((await scene.prepare({ base, attempt })).worktree.baseOid, base).toBe(tagged);
    }
    expect((await scene.prepare({ base: 'main', attempt: 9 })).worktree.baseOid).toBe(later);
  });

  test('follows a branch that was rewritten, and forgets one that is gone', async () => {
    const scene = await Scene.open();
    await scene.person.git('push', '--quiet', 'origin', 'HEAD:refs/heads/topic');
    await scene.prepare({ base: 'topic' });
    await scene.person.git('commit', '--quiet', '--amend', '--message', 'rewritten');
    await scene.person.git('push', '--quiet', '--force', 'origin', 'HEAD:main', ':topic', 'HEAD:refs/heads/topic/deeper');
    const ready = await scene.prepare({ base: 'topic/deeper', attempt: 2 });
    expect(ready.worktree.baseOid).toBe((await scene.person.git('rev-parse', 'HEAD')).trim());
    expect(await agentGit(ready, 'branch', '--remotes', '--format=%(refname:lstrip=3)')).toBe('main\ntopic/deeper\n');
  });

  test('of many attempts at once is made for each, in one clone', async () => {
    const scene = await Scene.open();
    const made = await Promise.all([1, 2, 3, 4].map((attempt) => scene.prepare({ attempt })));
    expect(new Set(made.map(({ workspace }) => workspace.cwd)).size).toBe(4);
    expect(await scene.clones()).toHaveLength(1);
    for (const ready of made) expect((await agentGit(ready, 'branch', '--show-current')).trim()).toBe(ready.worktree.branch);
  });

  test('of a repository with sha256 names is one too', async () => {
    const scene = await Scene.open();
    const folder = await makeFolder();
    await mustRun('git', ['init', '--quiet', '--object-format=sha256', folder], { env: scene.env });
    await writeFile(join(folder, 'file'), 'text');
    await mustRun('git', ['add', '.'], { cwd: folder, env: scene.env });
    await mustRun('git', ['commit', '--quiet', '-m', 'first'], { cwd: folder, env: scene.env });
    const ready = await scene.prepare({ remote: folder });
    expect(ready.worktree.baseOid).toHaveLength(64);
    await write(ready, 'more');
    expect(await commit(ready)).toMatchObject({ ok: true, commits: [expect.stringMatching(/^[0-9a-f]{64}$/)] });
    expect(await ready.worktree.deliver()).toEqual({ ok: true });
  });

  test('lets the agent commit under the name it was given, with hooks off and submodules left alone', async () => {
    const scene = await Scene.open('path', { '.gitmodules': '[submodule "s"]\n\tpath = s\n\turl = ./no-such\n', a: '1' });
    const linked = (await scene.person.git('rev-parse', 'HEAD')).trim();
    await scene.person.git('update-index', '--add', '--cacheinfo', `160000,${linked},s`);
    await scene.person.git('commit', '--quiet', '-m', 'a submodule');
    await scene.person.push();
    const ready = await scene.prepare();
    expect(await readdir(join(ready.workspace.cwd, 's'))).toEqual([]);
    const hook = await plantProgram();
    const hooks = join(ready.worktree.kept.cache, 'hooks');
    await mkdir(hooks);
    await mustRun('cp', [hook.path, join(hooks, 'pre-commit')], { env: scene.env });
    await write(ready, 'a', '2');
    await agentGit(ready, 'commit', '--quiet', '--all', '--message', 'mine');
    expect((await agentGit(ready, 'log', '-1', '--format=%an <%ae>')).trim()).toBe('Errand <errand@localhost>');
    expect(await hook.ran()).toBe(false);
  });

  test('holds what is in the repository, however filters of the user would change it', async () => {
    const scene = await Scene.open('path', { '.gitattributes': '* filter=mark\n', a: 'plain\n' });
    const filter = await plantProgram();
    const gitconfig = join(scene.env.HOME ?? '', '.gitconfig');
    await writeFile(gitconfig, `[filter "mark"]\n\tsmudge = ${filter.path}\n\tclean = ${filter.path}\n\trequired = true\n`);
    const ready = await scene.prepare();
    await write(ready, 'b');
    expect(await commit(ready)).toMatchObject({ ok: true, commits: [expect.any(String)] });
    expect(await filter.ran()).toBe(false);
  });
});

describe('the branch of a worktree', () => {
  test('is the next one where the remote has the first already, so that nothing is made in vain', async () => {
    const scene = await Scene.open();
    await scene.person.git('push', '--quiet', 'origin', 'HEAD:refs/heads/errand/fix-it/1', 'HEAD:refs/heads/errand/fix-it/1-2/x');
    const ready = await scene.prepare();
    expect(ready.worktree.branch).toBe('errand/fix-it/1-3');
    expect((await agentGit(ready, 'branch', '--show-current')).trim()).toBe('errand/fix-it/1-3');
    await write(ready, 'new');
    await commit(ready);
    expect(await ready.worktree.deliver()).toEqual({ ok: true });
    expect(await scene.delivered('errand/fix-it/1-3')).toEqual(['README.md', 'new']);
  });

  test('is never that of another worktree, which stays on it', async () => {
    const scene = await Scene.open();
    const first = await scene.prepare();
    const second = await scene.prepare();
    await agentGit(second, 'checkout', '--quiet', '--orphan', 'errand/fix-it/1-3');
    const third = await scene.prepare();
    for (const [ready, branch] of [
      [first, 'errand/fix-it/1'],
      [second, 'errand/fix-it/1-3'],
      [third, 'errand/fix-it/1-4'],
    ] as const)
      expect((await agentGit(ready, 'branch', '--show-current')).trim()).toBe(branch);
  });

  test('goes with its worktree, whatever number it has', async () => {
    const scene = await Scene.open();
    await scene.prepare();
    const second = await scene.prepare();
    await agentGit(second, 'checkout', '--quiet', '--detach');
    await rm(second.workspace.cwd, { recursive: true });
    expect((await scene.prepare()).worktree.branch).toBe('errand/fix-it/1-2');
  });
});

describe('what cannot be prepared', () => {
  test('an address that is an option or a program, or a base that is one, is refused before git sees it', async () => {
    const scene = await Scene.open();
    const program = await plantProgram();
    for (const remote of [`--upload-pack=${program.path}`, `ext::${program.path}`, 'ftp://example.org/x']) {
      expect(await scene.try({ remote })).toMatchObject({
        ok: false,
        cause: 'failed',
        message: expect.stringContaining('repo:'),
      });
    }
    expect(await scene.try({ base: `--upload-pack=${program.path}` })).toMatchObject({ ok: false, cause: 'failed' });
    expect(await program.ran()).toBe(false);
  });

  test('a protocol that the address leads to by the settings of the user is limited too', async () => {
    const scene = await Scene.open();
    const program = await plantProgram();
    const gitconfig = `[protocol "ext"]\n\tallow = always\n[url "ext::${program.path} "]\n\tinsteadOf = https://example.invalid/\n`;
    await writeFile(join(scene.env.HOME ?? '', '.gitconfig'), gitconfig);
    expect(await scene.try({ remote: 'https://example.invalid/x' })).toMatchObject({ ok: false, cause: 'failed' });
    expect(await program.ran()).toBe(false);
  });

  test('a base that the remote does not have is named, and nothing is left behind', async () => {
    const scene = await Scene.open();
    for (const base of ['no-such', '1234567', '0123456789'.repeat(4)]) {
      const message = expect.stringContaining(`no branch, tag or commit ${base}`);
      expect(await scene.try({ base })).toMatchObject({ ok: false, cause: 'failed', message });
    }
    expect(existsSync(join(scene.stateDir, 'work'))).toBe(false);
    expect(await readdir(join(scene.stateDir, 'run'))).toEqual([]);
  });

  test('a branch whose name looks like a commit is not taken for one', async () => {
    const scene = await Scene.open();
    const ready = await scene.prepare();
    await agentGit(ready, 'branch', 'abcdef1');
    expect(await scene.try({ base: 'abcdef1', attempt: 2 })).toMatchObject({ ok: false, cause: 'failed' });
  });

  test('an empty repository is said to be one', async () => {
    const scene = await Scene.open();
    const folder = await makeFolder();
    await mustRun('git', ['init', '--quiet', '--bare', folder], { env: scene.env });
    expect(await scene.try({ remote: folder })).toMatchObject({
      ok: false,
      cause: 'failed',
      message: expect.stringContaining('empty'),
    });
  });

  test('a repository that is not there needs a person', async () => {
    const scene = await Scene.open();
    expect(await scene.try({ remote: join(await makeFolder(), 'nowhere.git') })).toMatchObject({ ok: false, cause: 'failed' });
  });

  test('a server that is away, or in trouble, comes back', async () => {
    const scene = await Scene.open('http');
    await scene.remote.goAway();
    expect(await scene.try()).toMatchObject({ ok: false, cause: 'unavailable' });
    await scene.remote.comeBack();
    (scene.remote as HttpRemote).answerWith(503);
    expect(await scene.try()).toMatchObject({ ok: false, cause: 'unavailable' });
    (scene.remote as HttpRemote).answerWith(null);
    expect(await scene.try()).toMatchObject({ ok: true });
  });

  test('a wrong password needs a person, and is shown to nobody', async () => {
    const scene = await Scene.open('http');
    const remote = scene.remote.url.replace((scene.remote as HttpRemote).password, 'wrong-secret');
    const answer = await scene.try({ remote });
    expect(answer).toMatchObject({ ok: false, cause: 'failed', hint: expect.stringContaining('git ls-remote') });
    expect(JSON.stringify(answer)).not.toMatch(/wrong-secret|worker:/);
  });

  test('the password of a repository is in no file that an agent finds', async () => {
    const scene = await Scene.open('http');
    const { password } = scene.remote as HttpRemote;
    const ready = await scene.prepare();
    expect(JSON.stringify([ready.env, ready.worktree.kept])).not.toContain(password);
    await expect(mustRun('grep', ['-r', '-F', password, scene.stateDir], { env: scene.env })).rejects.toThrow('ended with 1');
  });
});

describe('taking over', () => {
  test('goes on in the folder as it was left, without asking the remote, and delivers under its own name', async () => {
    const scene = await Scene.open();
    const first = await scene.prepare();
    await write(first, 'half-done');
    await first.workspace.remove();
    const takeOver = JSON.parse(JSON.stringify(first.worktree.kept));
    await scene.remote.goAway();
    const second = await scene.prepare({ attempt: 2, takeOver });
    expect(second).toMatchObject({ takenOver: true, workspace: { cwd: first.workspace.cwd } });
    expect(existsSync(second.workspace.home)).toBe(true);
    expect(await readFile(join(second.workspace.cwd, 'half-done'), 'utf8')).toBe('half-done');
    await scene.remote.comeBack();
    expect(await commit(second)).toMatchObject({ ok: true, commits: [expect.any(String)] });
    expect(await second.worktree.deliver()).toEqual({ ok: true });
    expect(await scene.delivered('errand/fix-it/2')).toEqual(['README.md', 'half-done']);
    await second.worktree.discard();
    expect(existsSync(second.workspace.cwd)).toBe(false);
    const refs = await mustRun('git', ['--git-dir', takeOver.cache, 'for-each-ref', 'refs/heads'], { env: scene.env });
    expect(refs).toBe('');
  });

  test('keeps the folder from the sweep that its age would bring', async () => {
    const scene = await Scene.open();
    const first = await scene.prepare();
    await utimes(first.workspace.cwd, 1, 1);
    await scene.prepare({ attempt: 2, takeOver: first.worktree.kept });
    const [work] = (await listWorkspaces(scene.stateDir, { nonces: new Set() })).filter(({ kind }) => kind === 'work');
    expect(Date.now() - (work?.usedAtMs ?? 0)).toBeLessThan(3_600_000);
  });

  test('makes a fresh worktree where the old one is gone, or is of something else', async () => {
    const scene = await Scene.open();
    const first = await scene.prepare();
    const { kept } = first.worktree;
    const elsewhere = await makeFolder();
    const wrong = [
      { ...kept, base: 'main' },
      { ...kept, cwd: elsewhere },
      { ...kept, cache: elsewhere },
      { ...kept, baseOid: '1'.repeat(40) },
    ];
    let attempt = 1;
    for (const takeOver of wrong) {
      attempt += 1;
      expect((await scene.prepare({ attempt, takeOver })).takenOver).toBe(false);
    }
    await rm(first.workspace.cwd, { recursive: true });
    const fresh = await scene.prepare({ attempt: 9, takeOver: kept });
    expect(fresh.takenOver).toBe(false);
    expect(await readdir(elsewhere)).toEqual([]);
  });
});

describe('after a crash', () => {
  test('lock files of a git that was killed are out of the way', async () => {
    const scene = await Scene.open();
    const { cache } = (await scene.prepare()).worktree.kept;
    await writeFile(join(cache, 'refs/remotes/origin/main.lock'), '');
    await writeFile(join(cache, 'packed-refs.lock'), '');
    await utimes(join(cache, 'packed-refs.lock'), 1, 1);
    await scene.publish({ more: '' });
    expect(await scene.try({ attempt: 2 })).toMatchObject({ ok: true });
    expect(await scene.clones()).toHaveLength(1);
  });

  test('a clone and a worktree that were only half made are replaced', async () => {
    const scene = await Scene.open();
    const { kept } = (await scene.prepare()).worktree;
    const halfMade = `${kept.cache}.new-0123456789`;
    await mkdir(join(halfMade, 'objects'), { recursive: true });
    await writeFile(join(kept.admin, 'locked'), 'initializing');
    await rm(join(kept.admin, 'index'));
    const again = await scene.prepare();
    expect(again.workspace.cwd).toMatch(/\/work\/fix-it\/1\.2$/);
    expect((await agentGit(again, 'branch', '--show-current')).trim()).toBe('errand/fix-it/1-2');
    expect(existsSync(halfMade)).toBe(false);
    expect(await scene.clones()).toHaveLength(1);
  });

  test('worktrees whose folder was swept are forgotten, with their branches', async () => {
    const scene = await Scene.open();
    const { kept, branch } = (await scene.prepare()).worktree;
    expect(await discardFolder(scene.stateDir, kept.cwd)).toBe(true);
    expect(existsSync(kept.cwd)).toBe(false);
    const next = await scene.prepare({ id: 'other' });
    expect(existsSync(kept.admin) && kept.admin !== next.worktree.kept.admin).toBe(false);
    expect((await tryAgentGit(next, 'rev-parse', '--verify', branch)).exitCode).not.toBe(0);
    expect((await scene.prepare()).workspace.cwd).toBe(kept.cwd);
  });

  test('a damaged clone is replaced by a new one beside it, and goes when no worktree needs it', async () => {
    const scene = await Scene.open();
    const first = await scene.prepare();
    const { cache } = first.worktree.kept;
    const blob = (await agentGit(first, 'rev-parse', 'HEAD:README.md')).trim();
    await rm(join(cache, 'objects', blob.slice(0, 2), blob.slice(2)));
    const second = await scene.prepare({ attempt: 2 });
    expect(second.worktree.kept.cache).toBe(cache.replace(/\.git$/, '.2.git'));
    expect(existsSync(cache)).toBe(true);

    await rm(first.workspace.cwd, { recursive: true });
    await rm(join(second.worktree.kept.cache, 'refs'), { recursive: true });
    const third = await scene.prepare({ attempt: 3 });
    expect(third.worktree.kept.cache).toBe(cache.replace(/\.git$/, '.3.git'));
    expect((await scene.clones()).sort()).toEqual([second.worktree.kept.cache, third.worktree.kept.cache].sort());
  });

  test('nothing of a clone is left where it could not be fetched', async () => {
    const scene = await Scene.open('http');
    await rm(join(scene.remote.repository.dir, 'objects'), { recursive: true });
    await mkdir(join(scene.remote.repository.dir, 'objects'));
    expect(await scene.try()).toMatchObject({ ok: false });
    expect(await readdir(join(scene.stateDir, 'repos'))).toEqual([]);
  });
});
