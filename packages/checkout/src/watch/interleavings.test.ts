import { parseTask, taskIdOfPath } from '@errand/task';
import type { Person } from '@errand/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Belongings, listBelongings } from '../rig/belongings.ts';
import { ACTS, EngrossedPerson } from '../rig/engrossed-person.ts';
import { type Watched, WatchScene } from '../rig/watch-scene.ts';

const RUNS = Number(process.env.ERRAND_TEST_RUNS ?? 4);

const happening = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...ACTS) },
  { weight: 4, arbitrary: fc.record({ turns: fc.integer({ min: 1, max: 6 }), laterMs: fc.constantFrom(0, 2_000, 40_000) }) },
  { weight: 2, arbitrary: fc.constantFrom('others fold' as const, 'others file' as const) },
  { weight: 1, arbitrary: fc.constantFrom('others take back' as const) },
  { weight: 1, arbitrary: fc.constantFrom('away' as const, 'back' as const, 'a new watcher' as const) },
);

test('whatever a person and the watcher do in turn, nothing that the person wrote is lost, and nothing private is sent', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 15, maxLength: 25 }), async (happenings) => {
      await using scene = await WatchScene.open();
      const others = await scene.person('Bob');
      let watched = await scene.watched();
      await using ada = new EngrossedPerson(watched.person);
      let isAway = false;
      let pushed = false;
      let folds = 0;
      // What others took off the remote, and Ada has not sent again herself.
      const takenBack = new Set<string>();
      const fold = async (path: string): Promise<void> => {
        if (isAway) return;
        await others.write(path, `From others, ${++folds}.\n`);
        await others.commit(path);
        await others.push();
      };
      for (const [number, what] of happenings.entries()) {
        if (typeof what === 'object') {
          scene.nowMs += what.laterMs;
          await letItWork(watched, ada, what.turns);
        } else if (what === 'others fold') await fold(`results/2026-11-20/theirs-${number % 3}.md`);
        else if (what === 'others file') await fold(`tasks/theirs-${number}.md`);
        else if (what === 'others take back') {
          if (!isAway) for (const oid of await takeBack(others)) takenBack.add(oid);
        } else if (what === 'away' || what === 'back') {
          if ((what === 'away') === isAway) continue;
          isAway = !isAway;
          await (isAway ? scene.remote.goAway() : scene.remote.comeBack());
        } else if (what === 'a new watcher') watched = await restart(scene, watched);
        else {
          pushed ||= what === 'push' && !isAway;
          if (what === 'push') takenBack.clear();
          await ada.act(what);
        }
        if (!isAway) expect((await listCommits(scene)).filter((oid) => takenBack.has(oid))).toEqual([]);
        if (!pushed && !isAway) expect(await remoteText(scene)).not.toMatch(/notes|private/);
      }

      if (isAway) await scene.remote.comeBack();
      await ada.tidyUp();
      await ada.person.writeTask('last', 'The last one.\n');
      scene.nowMs += 1_000_000;
      await watched.untilQuiet();
      const left = (await ada.person.git('status', '--porcelain', '--untracked-files=all')).trim();
      expect(left).toBe('');
      expect(await ada.person.git('rev-parse', 'HEAD')).toBe(await scene.remote.repository.git('rev-parse', 'main'));
      expect(await scene.remote.repository.git('fsck', '--no-dangling', '--no-progress')).toBe('');
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
}, 600_000);

/** Some turns of the watcher, after each of which the person has all that they had before. */
async function letItWork(watched: Watched, ada: EngrossedPerson, turns: number): Promise<void> {
  let before = await listBelongings(watched.person);
  for (let turn = 0; turn < turns; turn++) {
    const isWriting = await ada.isWriting();
    const step = await watched.turn();
    // Their commit would fail.
    if (isWriting) expect(['rest', 'fetch', 'push']).toContain(step.do);
    if (step.do === 'rest') continue;
    const after = await listBelongings(watched.person);
    expectKept(before, after, step.do);
    before = after;
  }
  expectKept(before, await listBelongings(watched.person), 'rest');
}

function expectKept(before: Belongings, after: Belongings, step: string): void {
  expect(after.standing).toBe(before.standing);
  for (const [ref, oid] of before.refs) expect([step, ref, after.refs.get(ref)]).toEqual([step, ref, oid]);
  expect([...before.commits].filter((oid) => !after.commits.has(oid))).toEqual([]);
  for (const path of before.own) expect([step, path, after.files.get(path)]).toEqual([step, path, before.files.get(path)]);
  // A task may have been committed meanwhile, as it stood in the work tree; all else stays staged as it was.
  const isFiled = (path: string): boolean => taskIdOfPath(path) !== null && step === 'commit';
  for (const [path, blob] of before.staged) {
    if (!isFiled(path)) expect([step, path, after.index.get(path)]).toEqual([step, path, blob]);
  }
  const appeared = [...after.staged.keys()].filter((path) => !before.staged.has(path));
  expect([step, appeared]).toEqual([step, []]);
}

/** The watcher is gone, and another begins, where the checkout lets it. */
async function restart(scene: WatchScene, watched: Watched): Promise<Watched> {
  const next = await scene.watch(watched.person).catch(() => null);
  if (next !== null) watched.watcher.close();
  return next ?? watched;
}

/** Others move the branch at the remote back by one, by force: the commits that are off it then. */
async function takeBack(others: Person): Promise<string[]> {
  await others.git('fetch', '--quiet');
  await others.git('reset', '--quiet', '--hard', 'origin/main');
  if ((await others.tryGit('reset', '--quiet', '--hard', 'HEAD~1')).exitCode !== 0) return [];
  const gone = await others.git('rev-list', 'HEAD..origin/main');
  await others.git('push', '--quiet', '--force', 'origin', 'main');
  return gone.split('\n').filter(Boolean);
}

async function listCommits(scene: WatchScene): Promise<string[]> {
  return (await scene.remote.repository.git('rev-list', 'main')).split('\n').filter(Boolean);
}

/** Everything that the branch at the remote has ever held, and whether each of its tasks is one. */
async function remoteText(scene: WatchScene): Promise<string> {
  const { repository } = scene.remote;
  const paths = (await repository.git('log', '--format=', '--name-only', '-m', 'main')).split('\n').filter(Boolean);
  for (const path of new Set(paths)) {
    if (!path.startsWith('tasks/mine')) continue;
    const text = await repository.git('show', `main:${path}`).catch(() => 'removed');
    expect(parseTask(path, Buffer.from(text)).ok).toBe(true);
  }
  return `${paths.join('\n')}\n${await repository.git('log', '--format=%B', 'main')}`;
}
