import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '@errand/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { resultText, type Watched, WatchScene } from '../rig/watch-scene.ts';

const SLOW = 'results/2026-11-20/slow.md';
const QUICK = 'results/2026-11-20/quick.md';

let scene: WatchScene;
let ada: Watched;
let entered: string;
let go: string;

/** Somebody's checkout in which git stands still before it writes one of two results, until it may go on. */
beforeEach(async () => {
  scene = await WatchScene.open();
  ada = await scene.watched();
  await ada.untilQuiet();
  const { dir, env } = ada.person;
  [entered, go] = ['entered', 'go'].map((name) => join(dir, '..', name)) as [string, string];
  await mustRun('mkfifo', [entered, go], { env });
  await ada.person.write('.git/info/attributes', `${SLOW} filter=slow\n`);
  await ada.person.git('config', 'filter.slow.smudge', `echo >"${entered}"; cat "${go}" >/dev/null; cat`);
  const other = await scene.person('Bob');
  await other.write('config/errand.yaml', 'defaults: { retries: 2 }\n');
  await other.write(QUICK, resultText('quick'));
  await other.write(SLOW, resultText('slow'));
  await other.commit('done: quick, slow');
  await other.push();
});

afterEach(async () => {
  vi.useRealTimers();
  await scene[Symbol.asyncDispose]();
});

/** A pull under way that is killed with all that it started; git takes nothing of what it wrote back. */
async function killPull(): Promise<void> {
  const { dir, env } = ada.person;
  await ada.person.git('fetch', '--quiet');
  const pull: ChildProcess = spawn('git', ['merge', '--ff-only', '--quiet', 'origin/main'], {
    cwd: dir,
    env,
    detached: true,
    stdio: 'ignore',
  });
  await readFile(entered);
  process.kill(-(pull.pid ?? 0), 'SIGKILL');
  await once(pull, 'exit');
  await ada.person.remove('.git/index.lock');
  await ada.person.git('config', '--unset', 'filter.slow.smudge');
}

describe('a pull', () => {
  test('that takes its time is not broken off, neither by a limit nor by Ctrl-C', async () => {
    await ada.person.git('fetch', '--quiet');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const turn = ada.turn();
    await readFile(entered);
    ada.watcher.close();
    await vi.advanceTimersByTimeAsync(600_000);
    await writeFile(go, '');
    expect((await turn).do).toBe('advance');
    expect(ada.told('pulled')).toMatchObject([{ results: [{ id: 'quick' }, { id: 'slow' }] }]);
    expect(await ada.person.git('status', '--short')).toBe('');
  });

  test('that was killed half-way is finished by the next watcher, with no word of files that somebody made', async () => {
    await ada.person.write('draft.txt', 'staged\n');
    await ada.person.git('add', 'draft.txt');
    await killPull();
    expect(await ada.person.git('status', '--short', '-uall')).toBe(` M config/errand.yaml\nA  draft.txt\n?? ${QUICK}\n`);
    const next = await scene.watch(ada.person);
    await next.untilQuiet();
    expect(next.told('pull-blocked')).toEqual([]);
    expect(next.told('pulled')).toMatchObject([{ results: [{ id: 'quick' }, { id: 'slow' }] }]);
    expect(await ada.person.git('status', '--short')).toBe('A  draft.txt\n');
  });

  test('that was killed half-way stays so while a file is in the way that the person has changed since, and only that is named', async () => {
    await killPull();
    await ada.person.write(QUICK, 'Mine.\n');
    const before = await ada.person.git('status', '--short', '-uall');
    const next = await scene.watch(ada.person);
    await next.untilQuiet();
    expect(next.told('pull-blocked')).toMatchObject([{ paths: [QUICK] }]);
    expect(await ada.person.read(QUICK)).toBe('Mine.\n');
    expect(await ada.person.git('status', '--short', '-uall')).toBe(before);
    await ada.person.remove(QUICK);
    scene.nowMs += 60_000;
    await next.untilQuiet();
    expect(await ada.person.read(QUICK)).toBe(resultText('quick'));
    expect(await ada.person.git('status', '--short')).toBe('');
  });
});
