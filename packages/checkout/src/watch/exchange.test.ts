import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '@errand/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resultText, type Watched, WatchScene } from '../rig/watch-scene.ts';

let scene: WatchScene;
let ada: Watched;

beforeEach(async () => {
  scene = await WatchScene.open();
  ada = await scene.watched();
});

afterEach(() => scene[Symbol.asyncDispose]());

describe('results', () => {
  async function fold(id: string): Promise<void> {
    const other = await scene.person('Bob');
    await other.write(`results/2026-11-20/${id}.md`, resultText(id));
    await other.commit(`done: ${id}`);
    await other.push();
    await rm(other.dir, { recursive: true });
  }

  test('are pulled, and told with their state', async () => {
    await fold('hello');
    await ada.untilQuiet();
    expect(await ada.person.read('results/2026-11-20/hello.md')).toBe(resultText('hello'));
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
    expect(await ada.person.git('status', '--short', '--untracked-files=all')).toBe(' M config/errand.yaml\nA  staged.txt\n');
  });

  test.each(['an untracked file', 'an ignored file', 'an edit'])(
    'never overwrite %s of the person, and come when it is out of the way',
    async (kind) => {
      const path = 'results/2026-11-20/hello.md';
      if (kind === 'an edit') {
        await fold('hello');
        await ada.untilQuiet();
        const other = await scene.person('Bob');
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
      expect(await ada.person.read(path)).toBe(kind === 'an edit' ? null : resultText('hello'));
    },
  );

  test('are pulled in one step, whatever the person has set for merges', async () => {
    await ada.person.git('config', 'branch.main.mergeOptions', '--squash --no-commit');
    await fold('hello');
    await ada.untilQuiet();
    expect(ada.told('pulled')).toHaveLength(1);
    expect(await ada.person.git('status', '--short')).toBe('');
  });

  test('are not told as pulled where the branch is somewhere else afterwards', async () => {
    await ada.person.write('.git/hooks/post-merge', '#!/bin/sh\ngit reset --quiet --hard HEAD~1\n');
    await chmod(join(ada.person.dir, '.git/hooks/post-merge'), 0o755);
    await fold('hello');
    await ada.untilQuiet();
    expect(ada.told('pulled')).toEqual([]);
    expect(ada.told('pull-blocked')).toMatchObject([{ paths: [], text: expect.stringContaining('somewhere else') }]);
  });

  test('that came while a task was committed are joined with it, and no commit is rewritten', async () => {
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilStep('commit');
    const mine = (await ada.person.git('rev-parse', 'HEAD')).trim();
    await fold('hello');
    await ada.untilQuiet();
    expect(await scene.remoteFiles()).toEqual(expect.arrayContaining(['results/2026-11-20/hello.md', 'tasks/one.md']));
    await scene.remote.repository.git('merge-base', '--is-ancestor', mine, 'main');
    expect(await ada.person.git('rev-parse', 'HEAD')).toBe(await scene.remote.repository.git('rev-parse', 'main'));
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
    expect(await scene.remoteFiles()).toContain('tasks/one.md');
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
    expect(await scene.remoteFiles()).toContain('tasks/one.md');
  });

  test('that refuses what a task says takes it once the file is corrected and the commits are one', async () => {
    const base = (await ada.person.git('rev-parse', 'HEAD')).trim();
    await scene.remote.repository.refuseContent('hunter2');
    await ada.person.writeTask('one', 'The password is hunter2.\n');
    await ada.untilQuiet();
    expect(ada.told('push-refused')).toMatchObject([{ base }]);
    await ada.person.writeTask('one', 'The password is in the safe.\n');
    await ada.untilQuiet();
    await ada.person.git('reset', '--quiet', '--soft', base);
    await ada.untilQuiet();
    expect(await scene.remoteLog()).toEqual(['add: one', 'make the queue']);
    expect(await scene.remote.repository.git('show', 'main:tasks/one.md')).toBe('The password is in the safe.\n');
  });

  test('may lose its answer: what it took is seen at the next look', async () => {
    await scene.remote.repository.loseNextAnswer();
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilQuiet();
    scene.nowMs += 200_000;
    await ada.untilQuiet();
    expect(await scene.remoteLog()).toEqual(['add: one', 'make the queue']);
    expect(ada.told('sent')).toEqual([{ type: 'sent', ids: ['one'], removed: [] }]);
  });

  test('gets what has gathered for long, however many commits that are', async () => {
    const who = 'committer Ada <ada@localhost> now';
    const message = 'edit: one\n\nFiled-by: errand watch\n';
    const commits = Array.from({ length: 250 }, (_, i) => {
      const parent = i === 0 ? 'from refs/heads/main^0\n' : '';
      return `commit refs/heads/main\n${who}\ndata ${message.length}\n${message}\n${parent}M 644 inline tasks/one.md\ndata <<.\nDo ${i}.\n.\n\n`;
    });
    const { dir, env } = ada.person;
    await mustRun('git', ['fast-import', '--quiet', '--date-format=now'], { cwd: dir, env, input: commits.join('') });
    await ada.person.git('reset', '--quiet', '--hard');
    await ada.untilQuiet();
    expect(ada.told('sent')).toEqual([{ type: 'sent', ids: ['one'], removed: [] }]);
    expect(await scene.remoteLog()).toHaveLength(251);
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
    expect(await scene.remoteFiles()).toEqual(expect.arrayContaining(['tasks/of-ada.md', 'tasks/of-cid.md']));
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
    expect(await scene.remoteFiles()).toEqual(expect.arrayContaining(['tasks/other.md', 'tasks/same.md']));
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
