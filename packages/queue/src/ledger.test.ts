import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Ledger, type LedgerChange } from './ledger.ts';
import { overMemoryAndGit } from './rig/over-memory-and-git.ts';
import { need, type Scene } from './rig/scene.ts';

let folder: TemporaryDirectory;

beforeEach(() => {
  folder = temporaryDirectory();
});
afterEach(() => folder[Symbol.asyncDispose]());

/** One machine with a ledger; `look` is a poll, `restart` a new process, `remake` a new shallow clone. */
async function machine(scene: Scene) {
  let ledger = new Ledger(join(folder.path, 'ledger'));
  let port = scene.clone();
  await ledger.load();
  return {
    async look(): Promise<LedgerChange> {
      return ledger.observe(port, await scene.view(port));
    },
    /** A poll after whose fetch the remote is away. */
    async lookAndLoseTouch(): Promise<LedgerChange> {
      const view = await scene.view(port);
      await scene.goAway();
      try {
        return await ledger.observe(port, view);
      } finally {
        await scene.comeBack();
      }
    },
    fold: (tip: string, ids: string[]) => ledger.noteFold(tip, ids),
    async restart(): Promise<void> {
      ledger = new Ledger(join(folder.path, 'ledger'));
      await ledger.load();
    },
    remake(): void {
      port = scene.clone();
    },
  };
}

const RESULT = 'results/2026-11-19/a.md';
const quiet = { reopened: [], held: new Set(), toRestore: new Map(), folded: false };

overMemoryAndGit((open) => {
  test('a result that is removed in a commit on top is a retry: nothing is held', async () => {
    const scene = await open();
    await scene.commit({ 'tasks/a.md': 'A', [RESULT]: 'done' });
    const pi = await machine(scene);
    expect(await pi.look()).toEqual({ ...quiet, folded: true });
    expect(await pi.look()).toEqual(quiet);
    await scene.commit({ 'README.md': 'in between' });
    await scene.commit({ [RESULT]: null });
    expect(await pi.look()).toEqual(quiet);
    await scene.commit({ [RESULT]: 'done again' });
    expect(await pi.look()).toEqual({ ...quiet, folded: true });
  });

  test('a branch that was moved back holds what reopens, says so once, and an edit releases it', async () => {
    const scene = await open();
    const unfinished = await scene.commit({ 'tasks/a.md': 'A', 'tasks/b.md': 'B' });
    await scene.commit({ [RESULT]: 'done' });
    const pi = await machine(scene);
    await pi.look();
    await scene.moveBack(unfinished);
    expect(await pi.look()).toEqual({ ...quiet, reopened: ['a'], held: new Set(['a']) });
    expect(await pi.look()).toEqual({ ...quiet, held: new Set(['a']) });
    await scene.commit({ 'README.md': 'life goes on' });
    expect(await pi.look()).toEqual({ ...quiet, held: new Set(['a']) });
    await scene.commit({ 'tasks/a.md': 'A, again please' });
    expect(await pi.look()).toEqual(quiet);
  });

  test('what was folded just before the end is known to the next start, though no view has shown it', async () => {
    const scene = await open();
    const unfinished = await scene.commit({ 'tasks/a.md': 'A' });
    const pi = await machine(scene);
    await pi.look();
    expect(await pi.fold(await scene.commit({ [RESULT]: 'done' }), ['a'])).toEqual({});
    await pi.restart();
    await scene.moveBack(unfinished);
    expect(await pi.look()).toMatchObject({ reopened: ['a'] });
  });

  test('what is held stays held over a restart, and a ledger remembers what was finished before it', async () => {
    const scene = await open();
    const unfinished = await scene.commit({ 'tasks/a.md': 'A' });
    await scene.commit({ [RESULT]: 'done' });
    const pi = await machine(scene);
    await pi.look();
    await pi.restart();
    await scene.moveBack(unfinished, { 'README.md': 'another history' });
    expect(await pi.look()).toMatchObject({ reopened: ['a'] });
    await pi.restart();
    expect(await pi.look()).toEqual({ ...quiet, held: new Set(['a']) });
  });

  test('a held task whose result comes back is held no more', async () => {
    const scene = await open();
    const unfinished = await scene.commit({ 'tasks/a.md': 'A' });
    const done = await scene.commit({ [RESULT]: 'done' });
    const pi = await machine(scene);
    await pi.look();
    await scene.moveBack(unfinished);
    await pi.look();
    await scene.moveBack(done);
    expect(await pi.look()).toEqual(quiet);
  });

  test('a clone that was made anew is deepened before a retry is taken for a rollback', async () => {
    const scene = await open();
    await scene.commit({ 'tasks/a.md': 'A', [RESULT]: 'done' });
    const pi = await machine(scene);
    await pi.look();
    await scene.commit({ 'README.md': 'x' });
    await scene.commit({ [RESULT]: null });
    pi.remake();
    expect(await pi.look()).toEqual(quiet);
  });

  test.each(['in the same process', 'after a restart'])(
    'a retry that cannot be told from a rollback while the remote is away is held for so long, and then runs, %s',
    async (when) => {
      const scene = await open();
      await scene.commit({ 'tasks/a.md': 'A', [RESULT]: 'done' });
      const pi = await machine(scene);
      await pi.look();
      await scene.commit({ [RESULT]: null });
      await scene.commit({ 'README.md': 'x' });
      pi.remake();
      const unsure = { ...quiet, held: new Set(['a']) };
      expect(await pi.lookAndLoseTouch()).toEqual({ ...unsure, problem: expect.stringContaining('whether a may run again') });
      if (when === 'after a restart') await pi.restart();
      else expect(await pi.lookAndLoseTouch()).toEqual(unsure);
      expect(await pi.look()).toEqual(quiet);
    },
  );

  test('a rollback that cannot be told from a retry while the remote is away is found when it is back, also over a fold', async () => {
    const scene = await open();
    const unfinished = await scene.commit({ 'tasks/a.md': 'A', 'tasks/b.md': 'B', 'README.md': 'x' });
    await scene.commit({ [RESULT]: 'done' });
    const pi = await machine(scene);
    await pi.look();
    await scene.moveBack(unfinished, { 'README.md': 'another history' });
    pi.remake();
    expect(await pi.lookAndLoseTouch()).toMatchObject({ reopened: [], held: new Set(['a']) });
    await pi.fold(await scene.commit({ 'results/2026-11-19/b.md': 'done' }), ['b']);
    expect(await pi.look()).toMatchObject({ reopened: ['a'], held: new Set(['a']) });
    expect(await pi.look()).toEqual({ ...quiet, held: new Set(['a']) });
  });

  test('an edit releases also what is held because nobody can tell', async () => {
    const scene = await open();
    const unfinished = await scene.commit({ 'tasks/a.md': 'A' });
    await scene.commit({ [RESULT]: 'done' });
    const pi = await machine(scene);
    await pi.look();
    await scene.moveBack(unfinished, { 'README.md': 'another history' });
    pi.remake();
    expect(await pi.lookAndLoseTouch()).toMatchObject({ held: new Set(['a']) });
    await scene.commit({ 'tasks/a.md': 'A, again please' });
    expect(await pi.lookAndLoseTouch()).toEqual(quiet);
    expect(await pi.look()).toEqual(quiet);
  });

  test('what a new shallow clone cannot tell is held', async () => {
    const scene = await open();
    const unfinished = await scene.commit({ 'tasks/a.md': 'A' });
    const done = await scene.commit({ [RESULT]: 'done' });
    const pi = await machine(scene);
    await pi.look();
    await scene.moveBack(unfinished, { 'README.md': 'another history' });
    await scene.loseObject(done);
    pi.remake();
    expect(await pi.look()).toMatchObject({ reopened: ['a'] });
  });

  test.each([
    ['in the middle', '+tas'],
    ['where another id ends', '+a'],
  ])('a line of which a full disk took only the beginning, %s, neither spoils the next one nor counts', async (_, beginning) => {
    const scene = await open();
    const unfinished = await scene.commit({ 'tasks/task-1.md': '1', 'tasks/a.md': 'A', 'tasks/tas.md': 'T' });
    const pi = await machine(scene);
    await pi.look();
    const log = join(folder.path, 'ledger', 'finished.log');
    await mkdir(log);
    const done = await scene.commit({ 'results/2026-11-19/task-1.md': 'done' });
    expect(await pi.fold(done, ['task-1'])).toMatchObject({ problem: expect.stringContaining('cannot write the ledger') });
    await rm(log, { recursive: true });
    await writeFile(log, beginning);
    expect(await pi.look()).toEqual(quiet);
    await pi.restart();
    await scene.moveBack(unfinished);
    expect((await pi.look()).reopened).toEqual(['task-1']);
  });

  test('a line that broke off when the process ended does neither', async () => {
    const scene = await open();
    const unfinished = await scene.commit({ 'tasks/task-1.md': '1', 'tasks/a.md': 'A' });
    const pi = await machine(scene);
    await pi.look();
    await writeFile(join(folder.path, 'ledger', 'finished.log'), '+a');
    await pi.restart();
    await pi.fold(await scene.commit({ 'results/2026-11-19/task-1.md': 'done' }), ['task-1']);
    await pi.restart();
    await scene.moveBack(unfinished);
    expect((await pi.look()).reopened).toEqual(['task-1']);
  });

  test('a branch that is gone for a while and comes back older holds what reopens', async () => {
    const scene = await open();
    const unfinished = await scene.commit({ 'tasks/a.md': 'A' });
    await scene.commit({ [RESULT]: 'done' });
    const pi = await machine(scene);
    await pi.look();
    await scene.deleteRef('refs/heads/main');
    expect(await pi.look()).toEqual(quiet);
    await scene.moveBack(unfinished);
    expect(await pi.look()).toMatchObject({ reopened: ['a'] });
  });

  test('a result that is removed after its task was tidied asks for the task back, from that result, over restarts', async () => {
    const scene = await open();
    await scene.commit({ 'tasks/a.md': 'A', [RESULT]: 'done' });
    await scene.commit({ 'tasks/a.md': null });
    const pi = await machine(scene);
    await pi.look();
    const { blob } = need((await scene.view()).results, 'a');
    await scene.commit({ [RESULT]: null });
    expect(await pi.look()).toEqual({ ...quiet, toRestore: new Map([['a', blob]]) });
    await pi.restart();
    expect(await pi.look()).toEqual({ ...quiet, toRestore: new Map([['a', blob]]) });
    await scene.commit({ 'tasks/a.md': 'A' });
    expect(await pi.look()).toEqual(quiet);
  });

  describe.each(['on top', 'some commits ago'])('a result that was removed, %s, after its task was tidied', (when) => {
    /** The clone is made anew between the view that shows the result and the one that does not. */
    async function removeUnseen(scene: Scene) {
      await scene.commit({ 'tasks/a.md': 'A', [RESULT]: 'done', 'results/2026-11-18/b.md': 'done' });
      await scene.commit({ 'tasks/a.md': null });
      const pi = await machine(scene);
      await pi.look();
      const { blob } = need((await scene.view()).results, 'a');
      await scene.commit({ [RESULT]: null });
      if (when !== 'on top') for (const text of ['x', 'y']) await scene.commit({ 'README.md': text });
      pi.remake();
      return { pi, restored: { ...quiet, toRestore: new Map([['a', blob]]) } };
    }

    test('asks for the task back also where the clone was made anew in between', async () => {
      const { pi, restored } = await removeUnseen(await open());
      expect(await pi.look()).toEqual(restored);
    });

    test('asks for it as soon as the remote is back, where it went away meanwhile, also over a fold', async () => {
      const scene = await open();
      const { pi, restored } = await removeUnseen(scene);
      expect(await pi.lookAndLoseTouch()).toEqual(quiet);
      await pi.fold(await scene.commit({ 'results/2026-11-19/c.md': 'done' }), ['c']);
      expect(await pi.look()).toEqual(restored);
    });
  });

  test('a person who removes task and result in one commit gets neither back', async () => {
    const scene = await open();
    await scene.commit({ 'tasks/a.md': 'A', [RESULT]: 'done' });
    const pi = await machine(scene);
    await pi.look();
    await scene.commit({ 'tasks/a.md': null, [RESULT]: null });
    expect(await pi.look()).toEqual(quiet);
  });
});
