import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '@errand/testing';
import { describe, expect, test } from 'vitest';
import { agentGit, commit, type Ready, Scene, tryAgentGit, write } from '../rig/worktree-scene.ts';

/** Commits and delivers; gives the files of the branch at the remote. */
async function handOver(scene: Scene, ready: Ready): Promise<string[]> {
  const committed = await commit(ready);
  if (!committed.ok) throw new Error(committed.message);
  expect(await ready.worktree.deliver()).toEqual({ ok: true });
  return scene.delivered(ready.worktree.branch);
}

const show = (scene: Scene, path: string): Promise<string> => scene.remote.repository.git('show', `errand/fix-it/1:${path}`);

describe('what was made', () => {
  test('becomes one commit with trailers, on the base', async () => {
    const scene = await Scene.open('path', { kept: '1', changed: '1', removed: '1', '.gitignore': '*.log\n' });
    const ready = await scene.prepare();
    await write(ready, 'changed', '2');
    await write(ready, 'deep/new');
    await write(ready, 'noise.log');
    await rm(join(ready.workspace.cwd, 'removed'));
    const committed = await commit(ready);
    expect(committed).toMatchObject({ ok: true, commits: [expect.stringMatching(/^[0-9a-f]{40}$/)] });
    expect(await ready.worktree.deliver()).toEqual({ ok: true });
    expect(await scene.delivered()).toEqual(['.gitignore', 'changed', 'deep/new', 'kept']);
    const { repository } = scene.remote;
    expect(await repository.git('log', '-1', '--format=%an|%cn|%s|%(trailers:separator=%x2C)|%P', 'errand/fix-it/1')).toBe(
      `Errand|Errand|done: fix it|Errand-Task: fix-it,Errand-Attempt: 1|${ready.worktree.baseOid}\n`,
    );
    expect(committed).toEqual({ ok: true, commits: [await repository.resolve('errand/fix-it/1')] });
  });

  test('is nothing where nothing was made, also when files were only touched', async () => {
    const scene = await Scene.open('path', { '.gitattributes': '*.txt text\n' });
    // A line end that git would not write itself: what was not changed must not be put right.
    await scene.person.write('crlf.txt', 'one\r\n');
    await scene.person.git('-c', 'core.safecrlf=false', 'add', '.');
    const blob = (
      await mustRun('git', ['hash-object', '-w', '--no-filters', 'crlf.txt'], { cwd: scene.person.dir, env: scene.person.env })
    ).trim();
    await scene.person.git('update-index', '--cacheinfo', `100644,${blob},crlf.txt`);
    await scene.person.git('commit', '--quiet', '-m', 'as Windows writes it');
    await scene.person.push();
    const ready = await scene.prepare();
    expect(await commit(ready)).toEqual({ ok: true, commits: [] });
    await write(ready, '.gitattributes', '*.txt text\n');
    expect(await commit(ready)).toEqual({ ok: true, commits: [] });
  });

  test('keeps the commits of the agent and puts the rest on top, oldest first', async () => {
    const scene = await Scene.open();
    const ready = await scene.prepare();
    await write(ready, 'one');
    await agentGit(ready, 'add', '.');
    await agentGit(ready, 'commit', '--quiet', '-m', 'mine');
    const mine = (await agentGit(ready, 'rev-parse', 'HEAD')).trim();
    await write(ready, 'two');
    const committed = await commit(ready);
    expect(committed).toEqual({ ok: true, commits: [mine, expect.any(String)] });
    // Nothing is left to commit, and the folder shows it.
    expect(await commit(ready)).toEqual(committed);
    expect(await agentGit(ready, 'status', '--porcelain')).toBe('');
    expect((await agentGit(ready, 'rev-parse', ready.worktree.branch)).trim()).toBe(
      (committed as { commits: string[] }).commits[1],
    );
  });

  test('lists the newest fifty of many commits, oldest first', async () => {
    const scene = await Scene.open();
    const ready = await scene.prepare();
    const commits = Array.from(
      { length: 60 },
      (_, n) =>
        `commit refs/heads/errand/fix-it/1\ncommitter A <a@b> ${n} +0000\ndata 1\nx${n === 0 ? `\nfrom ${ready.worktree.baseOid}` : ''}\n`,
    );
    await mustRun('git', ['fast-import', '--quiet'], {
      cwd: ready.workspace.cwd,
      env: { ...scene.env, ...ready.env },
      input: commits.join(''),
    });
    const committed = await commit(ready);
    const listed = await agentGit(ready, 'log', '--topo-order', '--reverse', '--format=%H', `${ready.worktree.baseOid}..HEAD`);
    const all = listed.trimEnd().split('\n');
    expect(all).toHaveLength(60);
    expect(committed.ok && committed.commits).toEqual(all.slice(-50));
  });

  test('has links as links, modes, and names of any bytes', async () => {
    const scene = await Scene.open();
    const ready = await scene.prepare();
    const { cwd } = ready.workspace;
    await symlink('/etc', join(cwd, 'link'));
    await write(ready, 'run.sh');
    await chmod(join(cwd, 'run.sh'), 0o755);
    await write(ready, ' a "b"\n*');
    await writeFile(Buffer.concat([Buffer.from(`${cwd}/`), Buffer.from([0x66, 0xff])]), 'x');
    await write(ready, '-rf');
    await handOver(scene, ready);
    const listed = await scene.remote.repository.git('ls-tree', '-z', 'errand/fix-it/1');
    expect(
      listed
        .split('\0')
        .map((line) => `${line.slice(0, 6)} ${line.split('\t')[1]}`)
        .slice(0, 6),
    ).toEqual([
      '100644  a "b"\n*',
      '100644 -rf',
      '100644 README.md',
      expect.stringMatching(/^100644 f\S$/),
      '120000 link',
      '100755 run.sh',
    ]);
  });

  test('includes ignored files that the agent has added by force', async () => {
    const scene = await Scene.open('path', { '.gitignore': 'dist/\n' });
    const ready = await scene.prepare();
    await write(ready, 'dist/wanted');
    await write(ready, 'dist/unwanted');
    await write(ready, 'dist/taken-back');
    await agentGit(ready, 'add', '--force', 'dist/wanted', 'dist/taken-back');
    await rm(join(ready.workspace.cwd, 'dist/taken-back'));
    expect(await handOver(scene, ready)).toEqual(['.gitignore', 'dist/wanted']);
  });

  test('includes a file where a folder was, and a folder where a file was', async () => {
    const scene = await Scene.open('path', { 'folder/a': '1', file: '1' });
    const ready = await scene.prepare();
    await rm(join(ready.workspace.cwd, 'folder'), { recursive: true });
    await rm(join(ready.workspace.cwd, 'file'));
    await write(ready, 'folder');
    await write(ready, 'file/a');
    expect(await handOver(scene, ready)).toEqual(['file/a', 'folder']);
  });
});

describe('what git cannot hold', () => {
  test('is passed over: pipes, also one in the place of a file', async () => {
    const scene = await Scene.open('path', { file: '1', other: '1' });
    const ready = await scene.prepare();
    await rm(join(ready.workspace.cwd, 'file'));
    for (const name of ['file', 'pipe']) {
      await mustRun('mkfifo', [join(ready.workspace.cwd, name)], { env: scene.env });
    }
    await write(ready, 'new');
    expect(await handOver(scene, ready)).toEqual(['file', 'new', 'other']);
  });
});

describe('repositories in the work tree', () => {
  test('hand over their files, but not what is ignored', async () => {
    const scene = await Scene.open('path', { '.gitignore': 'node_modules/\n' });
    const ready = await scene.prepare();
    await agentGit(ready, 'init', '--quiet', 'empty');
    await write(ready, 'empty/file');
    await agentGit(ready, 'init', '--quiet', 'full');
    await write(ready, 'full/file');
    await write(ready, 'full/.gitignore', '*.log\n');
    await write(ready, 'full/noise.log');
    await write(ready, 'full/node_modules/x');
    await agentGit(ready, '-C', 'full', 'add', '.');
    await agentGit(ready, '-C', 'full', 'commit', '--quiet', '-m', 'inner');
    await agentGit(ready, 'init', '--quiet', 'full/inner');
    await write(ready, 'full/inner/file');
    expect(await handOver(scene, ready)).toEqual(['.gitignore', 'empty/file', 'full/.gitignore', 'full/file', 'full/inner/file']);
  });

  test('that the agent has committed as a mere number give way to their files', async () => {
    const scene = await Scene.open();
    const ready = await scene.prepare();
    await agentGit(ready, 'init', '--quiet', 'sub');
    await write(ready, 'sub/file');
    await agentGit(ready, '-C', 'sub', 'add', '.');
    await agentGit(ready, '-C', 'sub', 'commit', '--quiet', '-m', 'inner');
    await tryAgentGit(ready, 'add', '.');
    await agentGit(ready, 'commit', '--quiet', '-m', 'with a repository');
    expect(await handOver(scene, ready)).toEqual(['README.md', 'sub/file']);
  });

  test('that are submodules stay submodules, and move with the agent', async () => {
    const scene = await Scene.open('path', { '.gitmodules': '[submodule "s"]\n\tpath = s\n\turl = ./s\n' });
    const linked = (await scene.person.git('rev-parse', 'HEAD')).trim();
    await scene.person.git('update-index', '--add', '--cacheinfo', `160000,${linked},s`);
    await scene.person.git('commit', '--quiet', '-m', 'a submodule');
    await scene.person.push();
    const untouched = await scene.prepare();
    expect(await commit(untouched)).toEqual({ ok: true, commits: [] });
    await agentGit(untouched, 'init', '--quiet', 's');
    await write(untouched, 's/file');
    await agentGit(untouched, '-C', 's', 'add', '.');
    await agentGit(untouched, '-C', 's', 'commit', '--quiet', '-m', 'inner');
    const moved = (await agentGit(untouched, '-C', 's', 'rev-parse', 'HEAD')).trim();
    await handOver(scene, untouched);
    expect(await scene.remote.repository.git('ls-tree', 'errand/fix-it/1', 's')).toBe(`160000 commit ${moved}\ts\n`);
  });

  test('at the top, in the place of the worktree, hide nothing', async () => {
    const scene = await Scene.open();
    const ready = await scene.prepare();
    await rm(join(ready.workspace.cwd, '.git'));
    await agentGit(ready, 'init', '--quiet');
    await write(ready, 'new');
    await agentGit(ready, 'add', '.');
    await agentGit(ready, 'commit', '--quiet', '-m', 'in a repository of its own');
    expect(await handOver(scene, ready)).toEqual(['README.md', 'new']);
  });
});

describe('however the agent has left its git', () => {
  const states: [string, (ready: Ready) => Promise<unknown>][] = [
    ['a detached HEAD', (ready) => agentGit(ready, 'checkout', '--quiet', '--detach')],
    ['another branch', (ready) => agentGit(ready, 'checkout', '--quiet', '-b', 'mine')],
    ['a branch without a commit', (ready) => agentGit(ready, 'checkout', '--quiet', '--orphan', 'mine')],
    ['a renamed branch', (ready) => agentGit(ready, 'branch', '--move', 'mine')],
    ['an amended base', (ready) => agentGit(ready, 'commit', '--quiet', '--amend', '--allow-empty', '-m', 'mine')],
    ['an index lock', (ready) => writeFile(join(ready.worktree.kept.admin, 'index.lock'), '')],
    ['an index of garbage', (ready) => writeFile(join(ready.worktree.kept.admin, 'index'), 'garbage')],
    ['no index', (ready) => rm(join(ready.worktree.kept.admin, 'index'))],
    ['no metadata', (ready) => rm(ready.worktree.kept.admin, { recursive: true })],
    ['metadata of another worktree', (ready) => writeFile(join(ready.worktree.kept.admin, 'gitdir'), '/etc/.git\n')],
    ['a HEAD of garbage', (ready) => writeFile(join(ready.worktree.kept.admin, 'HEAD'), 'garbage')],
    ['a split index', (ready) => agentGit(ready, 'update-index', '--split-index')],
    [
      'settings that git does not know',
      async (ready) => {
        await agentGit(ready, 'config', 'extensions.unheard', 'true');
        await agentGit(ready, 'config', 'core.repositoryFormatVersion', '1');
      },
    ],
  ];

  test.each(states)('with %s, its files are delivered', async (_, leave) => {
    const scene = await Scene.open();
    const ready = await scene.prepare();
    await leave(ready);
    await write(ready, 'new');
    expect(await handOver(scene, ready)).toEqual(['README.md', 'new']);
    expect((await agentGit(ready, 'branch', '--show-current')).trim()).toBe('errand/fix-it/1');
    expect(await agentGit(ready, 'status', '--porcelain')).toBe('');
  });

  test('with a merge in conflict, the files are delivered as they are', async () => {
    const scene = await Scene.open('path', { file: 'base\n' });
    const ready = await scene.prepare();
    await agentGit(ready, 'checkout', '--quiet', '-b', 'other');
    await write(ready, 'file', 'other\n');
    await agentGit(ready, 'commit', '--quiet', '--all', '-m', 'other');
    await agentGit(ready, 'checkout', '--quiet', 'errand/fix-it/1');
    await write(ready, 'file', 'mine\n');
    await agentGit(ready, 'commit', '--quiet', '--all', '-m', 'mine');
    expect((await tryAgentGit(ready, 'merge', 'other')).exitCode).toBe(1);
    expect(await handOver(scene, ready)).toEqual(['file']);
    expect(await show(scene, 'file')).toMatch(/^<<<<<<< HEAD\nmine\n=+\nother\n/);
    expect(await agentGit(ready, 'status', '--porcelain')).toBe('');
  });

  test('a work tree that was put elsewhere is not followed', async () => {
    const scene = await Scene.open();
    const ready = await scene.prepare();
    await rename(ready.workspace.cwd, `${ready.workspace.cwd}-moved`);
    await symlink(`${ready.workspace.cwd}-moved`, ready.workspace.cwd);
    expect(await commit(ready)).toMatchObject({ ok: false, message: expect.stringContaining('no longer a folder') });
  });

  test('a file changed within the tick of the index is seen', async () => {
    const scene = await Scene.open('path', { file: 'one\n' });
    const ready = await scene.prepare();
    await write(ready, 'file', 'two\n');
    await mkdir(join(ready.workspace.cwd, 'empty'));
    expect(await handOver(scene, ready)).toEqual(['file']);
    expect(await show(scene, 'file')).toBe('two\n');
  });
});

describe('a git that somebody kills', () => {
  const LOCKING = ['read-tree', 'update-index', 'write-tree', 'update-ref'];

  test.each([
    'ls-files',
    'read-tree',
    'diff-tree',
    'diff-files',
    'hash-object',
    'update-index',
    'write-tree',
    'rev-parse',
    'commit-tree',
    'rev-list',
    'update-ref',
  ])('over %s is run again, and the work is delivered whole', async (command) => {
    const scene = await Scene.open('path', { changed: '1', '.gitignore': '*.log\n' });
    const ready = await scene.prepare();
    await write(ready, 'mine');
    await agentGit(ready, 'add', '.');
    await agentGit(ready, 'commit', '--quiet', '-m', 'mine');
    await write(ready, 'changed', '2');
    await write(ready, 'forced.log');
    await agentGit(ready, 'add', '--force', 'forced.log');
    // As one that is killed in the middle leaves it.
    const lock = command === 'update-ref' ? '$GIT_DIR/refs/heads/errand/fix-it/1.lock' : '$GIT_INDEX_FILE.lock';
    const leave = LOCKING.includes(command) ? `touch "${lock}"; ` : '';
    const interrupts = scene.interrupt(command, { times: 2, end: `${leave}kill -9 $$` });
    expect(await handOver(scene, ready)).toEqual(['.gitignore', 'changed', 'forced.log', 'mine']);
    const { repository } = scene.remote;
    expect(await repository.git('log', '--format=%s', 'main..errand/fix-it/1')).toBe('done: fix it\nmine\n');
    expect(await agentGit(ready, 'log', '-1', '--format=%s')).toBe('done: fix it\n');
    expect(await interrupts.left()).toBe(0);
  });

  test('each time commits nothing, and is told', async () => {
    const scene = await Scene.open();
    const ready = await scene.prepare();
    await write(ready, 'new');
    scene.interrupt('commit-tree', { times: 3 });
    expect(await commit(ready)).toEqual({
      ok: false,
      message: `cannot commit what was made in ${ready.workspace.cwd}: git commit-tree was killed`,
    });
    expect(await commit(ready)).toMatchObject({ ok: true });
  });

  test('is not one that crashes, which would do so again', async () => {
    const scene = await Scene.open();
    const ready = await scene.prepare();
    await write(ready, 'new');
    scene.interrupt('commit-tree', { end: 'kill -SEGV $$' });
    expect(await commit(ready)).toMatchObject({ ok: false, message: expect.stringContaining('git commit-tree') });
  });
});
