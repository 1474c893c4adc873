import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resultText, SETTLE_MS, type Watched, WatchScene } from '../rig/watch-scene.ts';

let scene: WatchScene;
let ada: Watched;

beforeEach(async () => {
  scene = await WatchScene.open();
  ada = await scene.watched();
});

afterEach(() => scene[Symbol.asyncDispose]());

describe('what is saved', () => {
  test('is committed as the person and pushed, several files as one commit', async () => {
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.person.writeTask('two', 'Do two.\n');
    await ada.untilQuiet();
    expect(await scene.remoteLog()).toEqual(['add: one, two', 'make the queue']);
    expect(await scene.remote.repository.git('log', '-1', '--format=%an <%ae>', 'main')).toBe('Ada <ada@localhost>\n');
    expect(ada.told('sent')).toEqual([{ type: 'sent', ids: ['one', 'two'], removed: [] }]);
    expect(await ada.person.git('status', '--short', '--untracked-files=all')).toBe('');
  });

  test('takes nothing else along: what is staged stays staged, what is changed stays changed', async () => {
    await ada.person.write('staged.txt', 'staged');
    await ada.person.git('add', 'staged.txt');
    await ada.person.write('config/errand.yaml', 'defaults: { retries: 2 }\n');
    await ada.person.write('loose.txt', 'loose');
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilQuiet();
    expect(await scene.remoteFiles()).toEqual(['config/errand.yaml', 'tasks/.gitkeep', 'tasks/one.md']);
    expect(await ada.person.git('status', '--short', '--untracked-files=all')).toBe(
      ' M config/errand.yaml\nA  staged.txt\n?? loose.txt\n',
    );
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
    expect((await scene.remoteLog())[0]).toBe('add: new; edit: kept; cancel: gone, old');
    expect(await scene.remoteFiles()).toEqual(['config/errand.yaml', 'tasks/.gitkeep', 'tasks/kept.md', 'tasks/new.md']);
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
    expect(await scene.remoteFiles()).toEqual(['config/errand.yaml', 'tasks/.gitkeep', 'tasks/one.md']);
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
    expect(await scene.remoteFiles()).toEqual(['config/errand.yaml', 'tasks/.gitkeep', 'tasks/abc.md']);
    expect(await scene.remote.repository.git('show', 'main:tasks/abc.md')).toBe('Do abc.\n');
  });
});

test('a file that begins with keys and no line before them is filed, and the person is told', async () => {
  await ada.person.writeTask('forgot', 'machine: pi\n\nuptime\n');
  await ada.untilQuiet();
  expect(await scene.remoteFiles()).toContain('tasks/forgot.md');
  expect(ada.told('front-matter-forgotten')).toMatchObject([{ path: 'tasks/forgot.md' }]);
});

describe('what is not filed', () => {
  test('is an invalid file: told once with its place, looked at again when it changes', async () => {
    await ada.person.writeTask('bad', '---\npriorty: 1\n---\nDo it.\n');
    await ada.person.writeTask('good', 'Do it.\n');
    await ada.untilQuiet();
    await ada.untilQuiet();
    expect(await scene.remoteFiles()).not.toContain('tasks/bad.md');
    expect(await scene.remoteFiles()).toContain('tasks/good.md');
    expect(ada.told('invalid')).toMatchObject([
      { path: 'tasks/bad.md', problems: [{ line: 2, column: 1, code: 'unknown-key' }] },
    ]);
    await ada.person.writeTask('bad', '---\npriority: 1\n---\nDo it.\n');
    await ada.untilQuiet();
    expect(await scene.remoteFiles()).toContain('tasks/bad.md');
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
    expect(await scene.remoteLog()).toEqual(['make the queue']);
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
    const other = await scene.person('Bob');
    await other.write('results/2026-11-20/hello.md', resultText('hello'));
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
    expect(await scene.remoteFiles()).toContain('tasks/hello.md');
  });

  test('is a file of which the person has staged something else', async () => {
    await ada.person.writeTask('one', 'Staged.\n');
    await ada.person.git('add', 'tasks/one.md');
    await ada.person.writeTask('one', 'Changed since.\n');
    await ada.untilQuiet();
    expect(ada.told('staged-otherwise')).toEqual([{ type: 'staged-otherwise', path: 'tasks/one.md' }]);
    expect(await ada.person.git('show', ':tasks/one.md')).toBe('Staged.\n');
    expect(await scene.remoteLog()).toEqual(['make the queue']);
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
    expect(await ada.person.git('status', '--short', '--untracked-files=all')).toBe('?? tasks/one.md\n');
    await rm(hook);
    scene.nowMs += 60_000;
    await ada.untilQuiet();
    expect(await scene.remoteFiles()).toContain('tasks/one.md');
  });
});

describe('a file that a hook refuses', () => {
  beforeEach(async () => {
    const hook = join(ada.person.dir, '.git/hooks/pre-commit');
    await writeFile(hook, '#!/bin/sh\nif git grep --cached -q hunter2 -- tasks; then echo "a password" >&2; exit 1; fi\n');
    await chmod(hook, 0o755);
  });

  test('holds up no other: they are committed one by one, and it alone is told', async () => {
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.person.writeTask('secret', 'The password is hunter2.\n');
    await ada.person.writeTask('two', 'Do two.\n');
    await ada.untilQuiet();
    expect(await scene.remoteLog()).toEqual(['add: two', 'add: one', 'make the queue']);
    expect(ada.told('commit-refused')).toEqual([{ type: 'commit-refused', ids: ['secret'], text: 'a password' }]);
    expect(await ada.person.git('status', '--short', '--untracked-files=all')).toBe('?? tasks/secret.md\n');
    expect(ada.watcher.standing).toMatchObject([{ type: 'commit-refused', ids: ['secret'] }]);
  });

  test('stands apart from what is saved later, and is filed when it is corrected', async () => {
    await ada.person.writeTask('secret', 'The password is hunter2.\n');
    await ada.untilQuiet();
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.person.writeTask('two', 'Do two.\n');
    await ada.untilQuiet();
    expect(await scene.remoteLog()).toEqual(['add: one, two', 'make the queue']);
    await ada.person.writeTask('secret', 'The password is in the safe.\n');
    await ada.untilQuiet();
    expect(await scene.remoteFiles()).toContain('tasks/secret.md');
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
    expect(ada.told('removals-held')).toMatchObject([{ doubt, ids: ['one', 'three', 'two'], open: ['one', 'three', 'two'] }]);
    expect(await scene.remoteFiles()).toHaveLength(5);
    await ada.person.git('restore', 'tasks');
    await ada.person.remove('tasks/one.md');
    await ada.untilQuiet();
    expect((await scene.remoteLog())[0]).toBe('cancel: one');
    expect(ada.told('sent').at(-1)).toEqual({ type: 'sent', ids: ['one'], removed: ['one'] });
  });

  test('is not what files of finished tasks are: they go in any number, and nothing is called cancelled', async () => {
    for (const id of ['one', 'two', 'three']) await ada.person.write(`results/2026-11-20/${id}.md`, resultText(id));
    await ada.person.commit('done: one, two, three');
    await ada.person.push();
    await emptyTasks(['one.md', 'two.md', 'three.md']);
    await ada.untilQuiet();
    expect(ada.told('removals-held')).toEqual([]);
    expect((await scene.remoteLog())[0]).toBe('tidy: one, three, two');
    expect(ada.told('committed').at(-1)).toMatchObject({ cancelled: [], tidied: ['one', 'three', 'two'] });
  });

  test('is told with those of its tasks that are still open', async () => {
    await ada.person.write('results/2026-11-20/two.md', resultText('two'));
    await ada.person.commit('done: two');
    await ada.person.push();
    await emptyTasks(['one.md', 'two.md', 'three.md']);
    await ada.untilQuiet();
    expect(ada.told('removals-held')).toMatchObject([{ ids: ['one', 'three', 'two'], open: ['one', 'three'] }]);
  });

  async function emptyTasks(names: readonly string[]): Promise<void> {
    for (const name of names) await rm(join(tasks(), name));
  }
});
