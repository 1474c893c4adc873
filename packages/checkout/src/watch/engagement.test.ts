import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CommitInEditor } from '../rig/commit-in-editor.ts';
import { resultText, type Watched, WatchScene } from '../rig/watch-scene.ts';

let scene: WatchScene;
let ada: Watched;

beforeEach(async () => {
  scene = await WatchScene.open();
  ada = await scene.watched();
});

afterEach(() => scene[Symbol.asyncDispose]());

describe('a person in the middle of something', () => {
  const acts: readonly (readonly [string, () => Promise<unknown>, () => Promise<unknown>])[] = [
    ['index-locked', () => ada.person.write('.git/index.lock', ''), () => ada.person.remove('.git/index.lock')],
    ['commit', () => openCommit(), () => saveCommit()],
    ['detached', () => ada.person.git('checkout', '--quiet', '--detach'), () => ada.person.git('checkout', '--quiet', 'main')],
    ['other-branch', () => ada.person.git('switch', '--quiet', '-c', 'side'), () => ada.person.git('switch', '--quiet', 'main')],
    ['bisect', () => ada.person.git('bisect', 'start'), () => ada.person.git('bisect', 'reset')],
    ['rebase', () => startConflict('rebase'), () => ada.person.git('rebase', '--abort')],
    ['merge', () => startConflict('merge'), () => ada.person.git('merge', '--abort')],
    ['cherry-pick', () => startConflict('cherry-pick'), () => ada.person.git('cherry-pick', '--abort')],
    ['revert', () => ada.person.git('revert', '--no-commit', 'HEAD'), () => ada.person.git('revert', '--abort')],
  ];

  let commit: CommitInEditor | null = null;
  afterEach(() => commit?.[Symbol.asyncDispose]());

  async function openCommit(): Promise<void> {
    commit = await CommitInEditor.open(ada.person);
  }

  /** It would fail if the branch had moved. */
  async function saveCommit(): Promise<void> {
    expect(await commit?.save('own words')).toBe(0);
  }

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

  test('writes a commit: it is seen without a log of HEAD too', async () => {
    await ada.person.git('config', 'core.logAllRefUpdates', 'false');
    await ada.person.remove('.git/logs/HEAD');
    await openCommit();
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilQuiet();
    expect(ada.told('engaged')).toMatchObject([{ engagement: { what: 'commit' } }]);
    await saveCommit();
  });

  test('who found nothing to commit, or gave a commit up, is in the middle of nothing', async () => {
    expect((await ada.person.tryGit('commit')).exitCode).toBe(1);
    await using commit = await CommitInEditor.open(ada.person);
    expect(await commit?.save('')).toBe(1);
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilQuiet();
    expect(ada.told('sent')).toEqual([{ type: 'sent', ids: ['one'], removed: [] }]);
  });

  test('keeps commits of their own to themselves: tasks are committed on top, and sent when they are pushed', async () => {
    await ada.person.write('notes.md', 'private\n');
    await ada.person.git('add', 'notes.md');
    await ada.person.git('commit', '--quiet', '-m', 'not for others yet');
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilQuiet();
    expect(await scene.remoteLog()).toEqual(['make the queue']);
    expect(ada.told('own-commits')).toMatchObject([{ subjects: ['not for others yet'], waiting: ['one'] }]);
    expect([ada.watcher.unsent, ada.watcher.heldBy]).toEqual([['one'], 'own-commits']);
    const other = await scene.person('Bob');
    await other.write('results/2026-11-20/hello.md', resultText('hello'));
    await other.commit('done: hello');
    await other.push();
    await ada.untilQuiet();
    expect(await ada.person.git('log', '--format=%s')).toBe('add: one\nnot for others yet\nmake the queue\n');
    await ada.person.git('pull', '--quiet', '--rebase');
    await ada.person.git('push', '--quiet');
    await ada.untilQuiet();
    expect(await scene.remoteLog()).toEqual(['add: one', 'not for others yet', 'done: hello', 'make the queue']);
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
    expect(await scene.remoteFiles()).not.toContain('notes.md');
  });
});
