import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SETTLE_MS, type Watched, WatchScene } from '../rig/watch-scene.ts';

let scene: WatchScene;
let ada: Watched;

beforeEach(async () => {
  scene = await WatchScene.open();
  ada = await scene.watched();
});

afterEach(() => scene[Symbol.asyncDispose]());

const remoteFiles = async (): Promise<string[]> =>
  (await scene.remote.repository.git('ls-tree', '-r', '--name-only', 'main')).split('\n').filter((path) => path !== '');
const remoteLog = async (): Promise<string[]> =>
  (await scene.remote.repository.git('log', '--format=%s', 'main')).trim().split('\n');
const status = (): Promise<string> => ada.person.git('status', '--short', '--untracked-files=all');
const bob = () => scene.person('Bob');

function result(id: string): string {
  return `---\nschema: 1\nid: ${id}\nstate: done\nfinished_at: 2026-11-20T09:12:44Z\n---\nok\n`;
}

describe('what is saved', () => {
  test('is committed as the person and pushed, several files as one commit', async () => {
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.person.writeTask('two', 'Do two.\n');
    await ada.untilQuiet();
    expect(await remoteLog()).toEqual(['add: one, two', 'make the queue']);
    expect(await scene.remote.repository.git('log', '-1', '--format=%an <%ae>', 'main')).toBe('Ada <ada@localhost>\n');
    expect(ada.told('sent')).toEqual([{ type: 'sent', ids: ['one', 'two'] }]);
    expect(await status()).toBe('');
  });

  test('takes nothing else along: what is staged stays staged, what is changed stays changed', async () => {
    await ada.person.write('staged.txt', 'staged');
    await ada.person.git('add', 'staged.txt');
    await ada.person.write('config/errand.yaml', 'defaults: { retries: 2 }\n');
    await ada.person.write('loose.txt', 'loose');
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilQuiet();
    expect(await remoteFiles()).toEqual(['config/errand.yaml', 'tasks/.gitkeep', 'tasks/one.md']);
    expect(await status()).toBe(' M config/errand.yaml\nA  staged.txt\n?? loose.txt\n');
  });

  test('waits until it is whole: each piece of a slow copy starts the time again', async () => {
    await ada.untilQuiet();
    for (const text of ['Do', 'Do one', 'Do one thing', 'Do one thing.']) {
      await ada.person.writeTask('slow', text);
      scene.nowMs += SETTLE_MS - 1;
      expect((await ada.turn()).do).toBe('rest');
    }
    await ada.untilQuiet();
    expect(await scene.remote.repository.git('show', 'main:tasks/slow.md')).toBe('Do one thing.');
    expect(ada.told('committed')).toHaveLength(1);
  });

  test('may be an edit, a deletion and a rename, each in the words of its effect', async () => {
    for (const id of ['kept', 'gone', 'old']) await ada.person.writeTask(id, `Do ${id}.\n`);
    await ada.untilQuiet();
    await ada.person.writeTask('kept', 'Do it better.\n');
    await ada.person.remove('tasks/gone.md');
    await rename(join(ada.person.dir, 'tasks/old.md'), join(ada.person.dir, 'tasks/new.md'));
    await ada.untilQuiet();
    expect((await remoteLog())[0]).toBe('add: new; edit: kept; cancel: gone, old');
    expect(await remoteFiles()).toEqual(['config/errand.yaml', 'tasks/.gitkeep', 'tasks/kept.md', 'tasks/new.md']);
  });

  test('by an editor through a temporary file and a rename leaves nothing else behind', async () => {
    await ada.person.write('tasks/.one.md.swp', 'swap');
    await ada.person.write('tasks/one.md~', 'backup');
    await ada.person.write('tasks/4913', '');
    await rename(join(ada.person.dir, 'tasks/4913'), join(ada.person.dir, 'tasks/one.md'));
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.person.write('tasks/README.md', 'Put tasks here.\n');
    await ada.person.write('tasks/drafts/two.md', 'Not yet.\n');
    await ada.untilQuiet();
    expect(await remoteFiles()).toEqual(['config/errand.yaml', 'tasks/.gitkeep', 'tasks/one.md']);
    expect(ada.told('invalid')).toEqual([]);
  });

  test('with a name that means something to git is that file and no other', async () => {
    await ada.person.write('tasks/a*.md', 'a');
    await ada.person.writeTask('abc', 'Do abc.\n');
    await ada.person.git('--literal-pathspecs', 'add', 'tasks/a*.md');
    await ada.person.git('commit', '--quiet', '-m', 'odd');
    await ada.person.git('push', '--quiet');
    await ada.untilQuiet();
    await ada.person.remove('tasks/a*.md');
    await ada.person.writeTask('abc', '---\nunfinished: true\n---\n');
    await ada.untilQuiet();
    expect(await remoteFiles()).toEqual(['config/errand.yaml', 'tasks/.gitkeep', 'tasks/abc.md']);
    expect(await scene.remote.repository.git('show', 'main:tasks/abc.md')).toBe('Do abc.\n');
  });
});

describe('what is not filed', () => {
  test('is an invalid file: told once with its place, looked at again when it changes', async () => {
    await ada.person.writeTask('bad', '---\npriorty: 1\n---\nDo it.\n');
    await ada.person.writeTask('good', 'Do it.\n');
    await ada.untilQuiet();
    await ada.untilQuiet();
    expect(await remoteFiles()).not.toContain('tasks/bad.md');
    expect(await remoteFiles()).toContain('tasks/good.md');
    expect(ada.told('invalid')).toMatchObject([
      { path: 'tasks/bad.md', problems: [{ line: 2, column: 1, code: 'unknown-key' }] },
    ]);
    await ada.person.writeTask('bad', '---\npriority: 1\n---\nDo it.\n');
    await ada.untilQuiet();
    expect(await remoteFiles()).toContain('tasks/bad.md');
  });

  test('is garbage of every kind', async () => {
    const tasks = join(ada.person.dir, 'tasks');
    await writeFile(join(tasks, 'huge.md'), Buffer.alloc(5_000_000, 'x'));
    await writeFile(join(tasks, 'large.md'), Buffer.alloc(300_000, 'x'));
    await writeFile(join(tasks, 'binary.md'), Buffer.from([0xff, 0xfe, 0x00, 0x80]));
    await writeFile(join(tasks, 'empty.md'), '');
    await writeFile(join(tasks, 'Not An Id.md'), 'x');
    await writeFile(join(tasks, '--force.md'), 'x');
    await symlink('/etc/passwd', join(tasks, 'link.md'));
    await mkdir(join(tasks, 'folder.md'));
    await writeFile(join(tasks, 'folder.md/inner.md'), 'x');
    await ada.untilQuiet();
    expect(await remoteLog()).toEqual(['make the queue']);
    const codes = ada.told('invalid').map(({ path, problems }) => [path, problems[0]?.code]);
    expect(codes.sort()).toEqual([
      ['tasks/--force.md', 'bad-id'],
      ['tasks/Not An Id.md', 'bad-id'],
      ['tasks/binary.md', 'not-utf8'],
      ['tasks/empty.md', 'empty-prompt'],
      ['tasks/huge.md', 'too-large'],
      ['tasks/large.md', 'too-large'],
      ['tasks/link.md', 'not-a-file'],
    ]);
  });

  test('is a file under the id of a task that has finished, until its result is removed', async () => {
    const other = await bob();
    await other.write('results/2026-11-20/hello.md', result('hello'));
    await other.commit('done: hello');
    await other.push();
    await ada.person.writeTask('hello', 'Say hello again.\n');
    await ada.untilQuiet();
    expect(ada.told('id-finished')).toMatchObject([{ id: 'hello', result: 'results/2026-11-20/hello.md' }]);
    expect(ada.told('committed')).toEqual([]);
    await other.remove('results/2026-11-20/hello.md');
    await other.commit('retry: hello');
    await other.push();
    await ada.untilQuiet();
    expect(await remoteFiles()).toContain('tasks/hello.md');
  });

  test('is a file of which the person has staged something else', async () => {
    await ada.person.writeTask('one', 'Staged.\n');
    await ada.person.git('add', 'tasks/one.md');
    await ada.person.writeTask('one', 'Changed since.\n');
    await ada.untilQuiet();
    expect(ada.told('staged-otherwise')).toEqual([{ type: 'staged-otherwise', path: 'tasks/one.md' }]);
    expect(await ada.person.git('show', ':tasks/one.md')).toBe('Staged.\n');
    expect(await remoteLog()).toEqual(['make the queue']);
  });

  test('is a file that the person has git ignore, and it is said', async () => {
    await ada.person.write('.gitignore', 'tasks/secret*\n');
    await ada.person.writeTask('secret-plan', 'Psst.\n');
    await ada.untilQuiet();
    expect(ada.told('ignored')).toEqual([{ type: 'ignored', path: 'tasks/secret-plan.md' }]);
  });

  test('is what a hook of the person refuses; nothing of it stays in the index', async () => {
    const hook = join(ada.person.dir, '.git/hooks/pre-commit');
    await writeFile(hook, '#!/bin/sh\necho "no tasks on Fridays" >&2\nexit 1\n');
    await chmod(hook, 0o755);
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilQuiet();
    expect(ada.told('commit-refused')).toMatchObject([{ ids: ['one'], text: 'no tasks on Fridays' }]);
    expect(await status()).toBe('?? tasks/one.md\n');
    await rm(hook);
    scene.nowMs += 60_000;
    await ada.untilQuiet();
    expect(await remoteFiles()).toContain('tasks/one.md');
  });
});

describe('a folder that goes away', () => {
  beforeEach(async () => {
    for (const id of ['one', 'two', 'three']) await ada.person.writeTask(id, `Do ${id}.\n`);
    await ada.untilQuiet();
  });

  const tasks = (): string => join(ada.person.dir, 'tasks');

  test.each([
    ['with all that was in it', 'folder-gone', () => rm(tasks(), { recursive: true })],
    [
      'and leaves an empty one, as a disk that is not mounted does',
      'others-gone',
      () => emptyTasks(['.gitkeep', 'one.md', 'two.md', 'three.md']),
    ],
    ['but for its .gitkeep', 'all-gone', () => emptyTasks(['one.md', 'two.md', 'three.md'])],
  ])('%s cancels nothing', async (_, doubt, goAway) => {
    await goAway();
    await ada.untilQuiet();
    expect(ada.told('removals-held')).toMatchObject([{ doubt, ids: ['one', 'three', 'two'] }]);
    expect(await remoteFiles()).toHaveLength(5);
    await ada.person.git('restore', 'tasks');
    await ada.person.remove('tasks/one.md');
    await ada.untilQuiet();
    expect((await remoteLog())[0]).toBe('cancel: one');
  });

  async function emptyTasks(names: readonly string[]): Promise<void> {
    for (const name of names) await rm(join(tasks(), name));
  }
});

describe('results', () => {
  async function fold(id: string): Promise<void> {
    const other = await bob();
    await other.write(`results/2026-11-20/${id}.md`, result(id));
    await other.commit(`done: ${id}`);
    await other.push();
    await rm(other.dir, { recursive: true });
  }

  test('are pulled, and told with their state', async () => {
    await fold('hello');
    await ada.untilQuiet();
    expect(await ada.person.read('results/2026-11-20/hello.md')).toBe(result('hello'));
    expect(ada.told('pulled')).toMatchObject([
      { results: [{ id: 'hello', path: 'results/2026-11-20/hello.md', state: 'done' }] },
    ]);
  });

  test('come beside what is staged and changed, which stays so', async () => {
    await ada.person.write('staged.txt', 'staged');
    await ada.person.git('add', 'staged.txt');
    await ada.person.write('config/errand.yaml', 'changed\n');
    await fold('hello');
    await ada.untilQuiet();
    expect(await ada.person.read('results/2026-11-20/hello.md')).not.toBeNull();
    expect(await status()).toBe(' M config/errand.yaml\nA  staged.txt\n');
  });

  test.each(['an untracked file', 'an ignored file', 'an edit'])(
    'never overwrite %s of the person, and come when it is out of the way',
    async (kind) => {
      const path = 'results/2026-11-20/hello.md';
      if (kind === 'an edit') {
        await fold('hello');
        await ada.untilQuiet();
        const other = await bob();
        await other.remove(path);
        await other.commit('retry: hello');
        await other.push();
      }
      if (kind === 'an ignored file') await writeFile(join(ada.person.dir, '.git/info/exclude'), 'results/\n');
      await ada.person.write(path, 'Mine.\n');
      if (kind !== 'an edit') await fold('hello');
      await ada.untilQuiet();
      await ada.untilQuiet();
      expect(ada.told('pull-blocked')).toMatchObject([{ paths: [path] }]);
      expect(await ada.person.read(path)).toBe('Mine.\n');
      if (kind === 'an edit') await ada.person.git('restore', path);
      else await ada.person.remove(path);
      scene.nowMs += 60_000;
      await ada.untilQuiet();
      expect(await ada.person.read(path)).toBe(kind === 'an edit' ? null : result('hello'));
    },
  );

  test('that came while a task was committed are joined with it, and no commit is rewritten', async () => {
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilStep('commit');
    const mine = (await ada.person.git('rev-parse', 'HEAD')).trim();
    await fold('hello');
    await ada.untilQuiet();
    expect(await remoteFiles()).toEqual(expect.arrayContaining(['results/2026-11-20/hello.md', 'tasks/one.md']));
    await scene.remote.repository.git('merge-base', '--is-ancestor', mine, 'main');
    expect(await ada.person.git('rev-parse', 'HEAD')).toBe(await scene.remote.repository.git('rev-parse', 'main'));
  });
});

describe('a person in the middle of something', () => {
  const acts: readonly (readonly [string, () => Promise<unknown>, () => Promise<unknown>])[] = [
    ['index-locked', () => ada.person.write('.git/index.lock', ''), () => ada.person.remove('.git/index.lock')],
    ['detached', () => ada.person.git('checkout', '--quiet', '--detach'), () => ada.person.git('checkout', '--quiet', 'main')],
    ['other-branch', () => ada.person.git('switch', '--quiet', '-c', 'side'), () => ada.person.git('switch', '--quiet', 'main')],
    ['bisect', () => ada.person.git('bisect', 'start'), () => ada.person.git('bisect', 'reset')],
    ['rebase', () => startConflict('rebase'), () => ada.person.git('rebase', '--abort')],
    ['merge', () => startConflict('merge'), () => ada.person.git('merge', '--abort')],
    ['cherry-pick', () => startConflict('cherry-pick'), () => ada.person.git('cherry-pick', '--abort')],
    ['revert', () => ada.person.git('revert', '--no-commit', 'HEAD'), () => ada.person.git('revert', '--abort')],
  ];

  /** Two branches that changed one line. */
  async function startConflict(how: string): Promise<void> {
    await ada.person.git('switch', '--quiet', '-c', 'side');
    await ada.person.write('config/errand.yaml', 'side\n');
    await ada.person.git('commit', '--quiet', '-am', 'side');
    await ada.person.git('switch', '--quiet', 'main');
    await ada.person.write('config/errand.yaml', 'main\n');
    await ada.person.git('commit', '--quiet', '-am', 'own');
    await ada.person.tryGit(how, 'side');
  }

  test.each(acts)('(%s) is left alone, told once, and joined when it is over', async (what, begin, end) => {
    await begin();
    const before = await ada.person.tryGit('status');
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilQuiet();
    await ada.untilQuiet();
    expect(ada.told('engaged')).toMatchObject([{ engagement: { what } }]);
    expect(ada.told('committed')).toEqual([]);
    await ada.person.remove('tasks/one.md');
    expect((await ada.person.tryGit('status')).stdout).toBe(before.stdout);
    await end();
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilQuiet();
    expect(ada.told('going-on')).toHaveLength(1);
    expect(ada.told('committed')).toMatchObject([{ added: ['one'] }]);
  });

  test('keeps commits of their own to themselves: tasks are committed on top, and sent when they are pushed', async () => {
    await ada.person.write('notes.md', 'private\n');
    await ada.person.git('add', 'notes.md');
    await ada.person.git('commit', '--quiet', '-m', 'not for others yet');
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilQuiet();
    expect(await remoteLog()).toEqual(['make the queue']);
    expect(ada.told('own-commits')).toMatchObject([{ subjects: ['not for others yet'], waiting: ['one'] }]);
    const other = await bob();
    await other.write('results/2026-11-20/hello.md', result('hello'));
    await other.commit('done: hello');
    await other.push();
    await ada.untilQuiet();
    expect(await ada.person.git('log', '--format=%s')).toBe('add: one\nnot for others yet\nmake the queue\n');
    await ada.person.git('pull', '--quiet', '--rebase');
    await ada.person.git('push', '--quiet');
    await ada.untilQuiet();
    expect(await remoteLog()).toEqual(['add: one', 'not for others yet', 'done: hello', 'make the queue']);
  });

  test('who amended a commit of the watcher has made it their own', async () => {
    await scene.remote.goAway();
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilQuiet();
    await ada.person.write('notes.md', 'private\n');
    await ada.person.git('add', 'notes.md');
    await ada.person.git('commit', '--quiet', '--amend', '--no-edit');
    await scene.remote.comeBack();
    await ada.untilQuiet();
    expect(await remoteFiles()).not.toContain('notes.md');
  });
});

describe('the remote', () => {
  test('may be away: tasks are committed at once, told once, and sent when it is back', async () => {
    await ada.untilQuiet();
    await scene.remote.goAway();
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilQuiet();
    await ada.untilQuiet();
    expect(ada.told('committed')).toMatchObject([{ added: ['one'] }]);
    expect(ada.told('remote-away')).toHaveLength(1);
    await scene.remote.comeBack();
    scene.nowMs += 200_000;
    await ada.untilQuiet();
    expect(ada.told('remote-back')).toHaveLength(1);
    expect(await remoteFiles()).toContain('tasks/one.md');
  });

  test('may refuse what is pushed: told once in its words, tried again, and nothing is lost', async () => {
    await scene.remote.repository.refuseContent('hunter2');
    await ada.person.writeTask('one', 'The password is hunter2.\n');
    await ada.untilQuiet();
    await ada.untilQuiet();
    expect(ada.told('push-refused')).toMatchObject([
      { ids: ['one'], text: expect.stringContaining('push declined: secret found') },
    ]);
    await scene.remote.repository.removeHook('update');
    scene.nowMs += 900_000;
    await ada.untilQuiet();
    expect(await remoteFiles()).toContain('tasks/one.md');
  });

  test('may lose its answer: what it took is seen at the next look', async () => {
    await scene.remote.repository.loseNextAnswer();
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilQuiet();
    scene.nowMs += 200_000;
    await ada.untilQuiet();
    expect(await remoteLog()).toEqual(['add: one', 'make the queue']);
    expect(ada.told('sent')).toEqual([{ type: 'sent', ids: ['one'] }]);
  });

  test('may have been moved back: what it no longer has is not pushed again', async () => {
    const other = await bob();
    await other.write('results/2026-11-20/hello.md', result('hello'));
    await other.commit('done: hello');
    await other.push();
    await ada.untilQuiet();
    await scene.remote.repository.git('update-ref', 'refs/heads/main', 'main~1');
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilQuiet();
    expect(await remoteLog()).toEqual(['make the queue']);
    expect(ada.told('own-commits')).toMatchObject([{ subjects: ['done: hello'] }]);
  });
});

describe('two people', () => {
  test('who drop tasks at the same time both get them through', async () => {
    const cid = await scene.watched('Cid');
    await ada.untilQuiet();
    await cid.untilQuiet();
    await ada.person.writeTask('of-ada', 'Do one.\n');
    await cid.person.writeTask('of-cid', 'Do two.\n');
    await ada.untilStep('commit');
    await cid.untilStep('commit');
    await ada.untilQuiet();
    await cid.untilQuiet();
    await ada.untilQuiet();
    expect(await remoteFiles()).toEqual(expect.arrayContaining(['tasks/of-ada.md', 'tasks/of-cid.md']));
    expect(await cid.person.git('status', '--short')).toBe('');
    expect(await ada.person.read('tasks/of-cid.md')).toBe('Do two.\n');
  });

  test('who choose one name: the second file stays as it is, and its owner is told', async () => {
    const cid = await scene.watched('Cid');
    await cid.person.writeTask('same', 'Mine.\n');
    await ada.person.writeTask('same', 'No, mine.\n');
    await ada.untilQuiet();
    await cid.untilQuiet();
    expect(cid.told('changed-there')).toMatchObject([{ path: 'tasks/same.md', kind: 'added' }]);
    expect(await cid.person.read('tasks/same.md')).toBe('Mine.\n');
    await rename(join(cid.person.dir, 'tasks/same.md'), join(cid.person.dir, 'tasks/other.md'));
    scene.nowMs += 60_000;
    await cid.untilQuiet();
    expect(await remoteFiles()).toEqual(expect.arrayContaining(['tasks/other.md', 'tasks/same.md']));
    expect(await cid.person.read('tasks/same.md')).toBe('No, mine.\n');
  });

  test('who edited one task while one was offline: nothing is merged by guess, and both texts stay', async () => {
    await ada.person.writeTask('one', 'First.\n');
    await ada.untilQuiet();
    const cid = await scene.watched('Cid');
    await cid.untilQuiet();
    await scene.remote.goAway();
    await cid.person.writeTask('one', "Cid's.\n");
    await cid.untilQuiet();
    await scene.remote.comeBack();
    await ada.person.writeTask('one', "Ada's.\n");
    scene.nowMs += 200_000;
    await ada.untilQuiet();
    await cid.untilQuiet();
    expect(cid.told('conflict')).toEqual([{ type: 'conflict', paths: ['tasks/one.md'] }]);
    expect(await cid.person.read('tasks/one.md')).toBe("Cid's.\n");
    expect(await cid.person.git('status', '--short')).toBe('');
    await cid.person.git('pull', '--quiet', '--no-rebase', '--no-edit', '-X', 'ours');
    await cid.person.git('push', '--quiet');
    await cid.untilQuiet();
    expect(await scene.remote.repository.git('show', 'main:tasks/one.md')).toBe("Cid's.\n");
  });
});
