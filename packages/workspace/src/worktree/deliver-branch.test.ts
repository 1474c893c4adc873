import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HttpRemote, mustRun } from '@errand/testing';
import { describe, expect, test } from 'vitest';
import { agentGit, commit, plantProgram, type Ready, Scene, write } from '../rig/worktree-scene.ts';

const REF = 'refs/heads/errand/fix-it/1';

async function made(kind: 'path' | 'http' = 'path'): Promise<{ scene: Scene; ready: Ready; tip: string }> {
  const scene = await Scene.open(kind);
  const ready = await scene.prepare();
  await write(ready, 'new');
  const committed = await commit(ready);
  if (!committed.ok) throw new Error(committed.message);
  return { scene, ready, tip: committed.commits[0] ?? '' };
}

describe('delivering', () => {
  test.each(['path', 'http'] as const)('pushes the branch, and can be repeated, over %s', async (kind) => {
    const { scene, ready, tip } = await made(kind);
    expect(await ready.worktree.deliver()).toEqual({ ok: true });
    expect(await ready.worktree.deliver()).toEqual({ ok: true });
    expect(await scene.remote.repository.resolve(REF)).toBe(tip);
    expect([...(await scene.remote.repository.refs()).keys()]).toEqual([REF, 'refs/heads/main']);
  });

  test('takes the next name where the branch is there by now, and leaves that as it is', async () => {
    const { scene, ready, tip } = await made();
    const main = (await scene.remote.repository.resolve('refs/heads/main')) ?? '';
    await scene.remote.repository.git('update-ref', REF, main);
    await scene.remote.repository.git('update-ref', `${REF}-2`, main);
    expect(await ready.worktree.deliver()).toEqual({ ok: true });
    expect(ready.worktree.branch).toBe('errand/fix-it/1-3');
    expect(await scene.remote.repository.resolve(REF)).toBe(main);
    expect(await scene.remote.repository.resolve(`${REF}-3`)).toBe(tip);

    const again = await scene.prepare({ takeOver: ready.worktree.kept });
    await commit(again);
    expect(await again.worktree.deliver()).toEqual({ ok: true });
    expect(again.worktree.branch).toBe('errand/fix-it/1-3');
    expect((await scene.remote.repository.refs()).size).toBe(4);
  });

  test('pushes what was committed, not what a check has left or committed since', async () => {
    const { scene, ready, tip } = await made();
    await write(ready, 'by-the-check');
    await agentGit(ready, 'add', '.');
    await agentGit(ready, 'commit', '--quiet', '-m', 'by the check');
    await agentGit(ready, 'branch', '--force', 'errand/other');
    await write(ready, 'left');
    expect(await ready.worktree.deliver()).toEqual({ ok: true });
    expect(await scene.remote.repository.resolve(REF)).toBe(tip);
  });

  test('of what nobody has committed is a mistake', async () => {
    const scene = await Scene.open();
    const ready = await scene.prepare();
    await expect(ready.worktree.deliver()).rejects.toThrow('before commit()');
  });

  test('is refused by a hook, in the words of the hook', async () => {
    const { scene, ready } = await made('http');
    await scene.remote.repository.refuseRefs('refs/heads/errand/*', 'not on a Friday');
    const refused = await ready.worktree.deliver();
    expect(refused).toMatchObject({ ok: false, cause: 'refused', message: expect.stringContaining('not on a Friday') });
    await scene.remote.repository.removeHook('update');
    expect(await ready.worktree.deliver()).toEqual({ ok: true });
  });

  test('counts as done when only the answer was lost', async () => {
    const { scene, ready, tip } = await made('http');
    await scene.remote.repository.loseNextAnswer();
    expect(await ready.worktree.deliver()).toEqual({ ok: true });
    expect(await scene.remote.repository.resolve(REF)).toBe(tip);
  });

  test('waits for a server that is away, and needs a person where access was withdrawn', async () => {
    const { scene, ready } = await made('http');
    const remote = scene.remote as HttpRemote;
    await remote.goAway();
    expect(await ready.worktree.deliver()).toMatchObject({ ok: false, cause: 'unavailable' });
    await remote.comeBack();
    remote.answerWith(503);
    expect(await ready.worktree.deliver()).toMatchObject({ ok: false, cause: 'unavailable' });
    remote.answerWith(403);
    const refused = await ready.worktree.deliver();
    expect(refused).toMatchObject({ ok: false, cause: 'refused' });
    expect(JSON.stringify(refused)).not.toContain(remote.password);
    remote.answerWith(null);
    expect(await ready.worktree.deliver()).toEqual({ ok: true });
  });

  test('goes on after somebody has killed its git, before the push or after it', async () => {
    const { scene, ready, tip } = await made();
    scene.interrupt('push');
    const message = expect.stringContaining('git was killed');
    expect(await ready.worktree.deliver()).toMatchObject({ ok: false, cause: 'unavailable', message });
    scene.interrupt('push', { end: `PATH=\${PATH#*:} git "$@" >/dev/null; kill -9 $$` });
    expect(await ready.worktree.deliver()).toEqual({ ok: true });
    expect(await scene.remote.repository.resolve(REF)).toBe(tip);
  });

  test('after a restart delivers what was committed before it', async () => {
    const { scene, ready, tip } = await made();
    const again = await scene.prepare({ takeOver: ready.worktree.kept });
    await commit(again);
    expect(await again.worktree.deliver()).toEqual({ ok: true });
    expect(await scene.remote.repository.resolve(REF)).toBe(tip);
  });

  test.each(['path', 'http'] as const)('runs no hook that the settings of the user name, over %s', async (kind) => {
    const scene = await Scene.open(kind);
    const hook = await plantProgram();
    const hooks = join(scene.env.HOME ?? '', 'hooks');
    await mustRun('mkdir', [hooks], { env: scene.env });
    for (const name of ['pre-push', 'reference-transaction', 'post-checkout', 'post-index-change']) {
      await mustRun('cp', [hook.path, join(hooks, name)], { env: scene.env });
    }
    await writeFile(join(scene.env.HOME ?? '', '.gitconfig'), `[core]\n\thooksPath = ${hooks}\n`);
    const ready = await scene.prepare();
    await write(ready, 'new');
    expect(await commit(ready)).toMatchObject({ ok: true });
    expect(await ready.worktree.deliver()).toEqual({ ok: true });
    await ready.worktree.discard();
    expect(await hook.ran()).toBe(false);
  });
});

describe('discarding', () => {
  test('deletes folder, metadata and branch, leaves other worktrees alone, and is safe twice', async () => {
    const { scene, ready } = await made();
    const other = await scene.prepare({ attempt: 2 });
    await ready.worktree.discard();
    await ready.worktree.discard();
    expect(existsSync(ready.workspace.cwd) || existsSync(ready.worktree.kept.admin)).toBe(false);
    expect((await agentGit(other, 'branch', '--format=%(refname:short)')).trim()).toBe('errand/fix-it/2');
    expect((await agentGit(other, 'status', '--porcelain')).trim()).toBe('');
  });
});
