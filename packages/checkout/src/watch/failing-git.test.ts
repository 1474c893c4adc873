import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ScriptedGit } from '../rig/scripted-git.ts';
import { resultText, type Watched, WatchScene } from '../rig/watch-scene.ts';

let scene: WatchScene;
let ada: Watched;
let git: ScriptedGit;

beforeEach(async () => {
  scene = await WatchScene.open();
  const person = await scene.person('Ada');
  git = await ScriptedGit.install(person);
  ada = await scene.watch(person, git.env);
  await ada.untilQuiet();
});

afterEach(() => scene[Symbol.asyncDispose]());

async function fold(id: string): Promise<void> {
  const other = await scene.person(`Bob-${id}`);
  await other.write(`results/2026-11-20/${id}.md`, resultText(id));
  await other.commit(`done: ${id}`);
  await other.push();
}

describe('a git that fails once', () => {
  test.each(['status', 'ls-files', 'rev-parse', 'rev-list', 'log', 'diff-tree', 'ls-tree'])(
    '(%s) holds nothing up for good: what is filed is sent, and what is done is pulled',
    async (verb) => {
      await git.failNext(verb);
      await ada.person.writeTask('one', 'Do one.\n');
      await ada.untilQuiet();
      await git.failNext(verb);
      await fold('hello');
      await ada.untilQuiet();
      await git.relent();
      scene.nowMs += 1_000;
      await ada.untilQuiet();
      expect(await scene.remoteFiles()).toContain('tasks/one.md');
      expect(await ada.person.read('results/2026-11-20/hello.md')).not.toBeNull();
    },
  );

  test('while commits are compared is not remembered; one that goes on failing is told, with its words', async () => {
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilStep('commit');
    for (let look = 0; look < 2; look++) {
      await git.failNext('rev-list');
      expect((await ada.turn()).do).toBe('rest');
      scene.nowMs += 2_000;
    }
    expect(ada.told('engaged')).toEqual([{ type: 'engaged', engagement: { what: 'unreadable', text: 'cannot fork' } }]);
    await ada.untilQuiet();
    expect(await git.pending()).toEqual([]);
    expect(ada.told('going-on')).toHaveLength(1);
    expect(ada.told('sent')).toMatchObject([{ ids: ['one'] }]);
  });

  test.each(['merge-base', 'read-tree', 'write-tree'])(
    'while both sides are joined (%s) is no conflict: it is tried again, and what was joined is sent',
    async (verb) => {
      await ada.person.writeTask('one', 'Do one.\n');
      await ada.untilStep('commit');
      await fold('hello');
      await ada.untilStep('fetch');
      await git.failNext(verb);
      await ada.untilQuiet();
      expect(await git.pending()).toEqual([]);
      expect(ada.told('conflict')).toEqual([]);
      expect(await scene.remoteFiles()).toEqual(expect.arrayContaining(['results/2026-11-20/hello.md', 'tasks/one.md']));
    },
  );

  test('while a merge is judged does not make it the commit of a person', async () => {
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilStep('commit');
    await fold('hello');
    await ada.untilStep('join');
    await git.failNext('read-tree');
    await ada.untilQuiet();
    expect(await git.pending()).toEqual([]);
    expect(ada.told('own-commits')).toEqual([]);
    expect(await scene.remoteFiles()).toContain('tasks/one.md');
  });
});
