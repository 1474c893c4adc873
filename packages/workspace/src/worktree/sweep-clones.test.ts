import { existsSync } from 'node:fs';
import { mkdir, readdir, realpath, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '@errand/testing';
import { expect, test } from 'vitest';
import { makeFolder } from '../rig/test-rig.ts';
import { Scene } from '../rig/worktree-scene.ts';
import { listClones, removeClone, tidyClones } from './sweep-clones.ts';
import { takeLock } from './take-lock.ts';

async function only(stateDir: string) {
  const [clone] = await listClones(await realpath(stateDir));
  if (!clone) throw new Error('there is no clone');
  return clone;
}

test('a clone goes once no worktree needs it, and not while somebody fetches into it', async () => {
  const scene = await Scene.open();
  const { kept } = (await scene.prepare()).worktree;
  const clone = await only(scene.stateDir);
  expect(clone).toMatchObject({ path: kept.cache, needed: true });
  expect(await removeClone(scene.stateDir, clone)).toBe(false);
  await rm(kept.cwd, { recursive: true });
  expect((await only(scene.stateDir)).needed).toBe(false);
  const taken = await takeLock(kept.cache.replace(/\.git$/, '.lock'), { waitMs: 0, what: 'fetching', signal: undefined });
  if (!('lock' in taken)) throw new Error('the lock was not free');
  expect(await removeClone(scene.stateDir, clone)).toBe(false);
  await taken.lock.release();
  expect(await removeClone(scene.stateDir, clone)).toBe(true);
  expect(existsSync(kept.cache)).toBe(false);
  expect((await scene.prepare({ attempt: 2 })).workspace.cwd).toMatch(/2$/);
});

test.each(['sha1', 'sha256'] as const)(
  'tidying packs what has gathered, forgets dead worktrees, leaves live ones whole, and is no use of the clone (%s)',
  async (objectFormat) => {
    const scene = await Scene.open();
    const remote = await makeFolder();
    await mustRun('git', ['init', '--quiet', `--object-format=${objectFormat}`, remote], { env: scene.env });
    await mustRun('git', ['commit', '--quiet', '--allow-empty', '-m', 'first'], { cwd: remote, env: scene.env });
    const [live, dead] = [await scene.prepare({ remote }), await scene.prepare({ remote, attempt: 2 })];
    const { cache } = live.worktree.kept;
    await rm(dead.workspace.cwd, { recursive: true });
    const packs = join(cache, 'objects/pack');
    for (let n = 0; n < 60; n++) {
      const input = `commit refs/heads/other\ncommitter a <a@localhost> ${1_000_000_000 + n} +0000\ndata 1\nx\n`;
      await mustRun('git', ['--git-dir', cache, '-c', 'fastimport.unpackLimit=0', 'fast-import', '--quiet', '--force'], {
        env: scene.env,
        input,
      });
    }
    expect((await readdir(packs)).filter((name) => name.endsWith('.pack')).length).toBeGreaterThan(50);
    await utimes(cache, 1_000_000, 1_000_000);
    await tidyClones(scene.stateDir, scene.env, Date.now());
    expect((await readdir(packs)).filter((name) => name.endsWith('.pack')).length).toBeLessThan(5);
    expect(existsSync(dead.worktree.kept.admin)).toBe(false);
    expect((await stat(cache)).mtimeMs).toBe(1_000_000_000);
    await writeFile(join(live.workspace.cwd, 'made'), 'x');
    expect(await live.worktree.commit({ subject: 's', id: 'fix-it', attempt: 1 })).toMatchObject({ ok: true });
    expect(await live.worktree.deliver()).toEqual({ ok: true });
  },
);

test('what a process left half made is deleted a day later, and nothing behind a link is listed', async () => {
  const stateDir = await realpath(await makeFolder());
  const [old, young, elsewhere] = [
    'a-0123456789abcdef.git.new-00aa',
    'b-0123456789abcdef.git.new-00bb',
    'c-0123456789abcdef.git',
  ].map((name) => join(stateDir, 'repos', name)) as [string, string, string];
  for (const folder of [old, young]) await mkdir(join(folder, 'objects'), { recursive: true });
  await symlink(await makeFolder(), elsewhere);
  await utimes(old, 1, 1);
  await tidyClones(stateDir, process.env, Date.now());
  expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
  expect(await listClones(stateDir)).toEqual([]);
});
