import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openQueue } from '@errand/queue';
import { MemoryPort, MemoryRemote, temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { AT_ONCE, FollowScene } from '../rig/follow-scene.ts';
import { followQueue, type Sight } from './follow-queue.ts';

const NEVER = new AbortController().signal;

async function next(sights: AsyncGenerator<Sight, void>): Promise<Sight> {
  const step = await sights.next();
  if (step.done) throw new Error('the following has ended');
  return step.value;
}

test('every look shows the queue as it is then', async () => {
  await using scene = new FollowScene();
  const sights = followQueue(scene.queue, { signal: NEVER, rhythm: AT_ONCE });
  await scene.commit({ 'tasks/a.md': 'x' });
  expect(await next(sights)).toMatchObject({ kind: 'seen', view: { tasks: new Map([['a', expect.anything()]]) } });
  await scene.commit({ 'tasks/a.md': null, 'tasks/b.md': 'x' });
  const seen = await next(sights);
  expect(seen.kind === 'seen' && [...seen.view.tasks.keys()]).toEqual(['b']);
  await sights.return();
});

test('what waits in the outbox is sent before the look, which then shows it', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/.gitkeep': '' });
  await scene.queue.outbox.add({ id: 'a', content: 'x\n', subject: 'add: a', createdAt: '2026-11-20T09:00:00Z', commits: [] });
  const sights = followQueue(scene.queue, { signal: NEVER, rhythm: AT_ONCE });
  expect(await next(sights)).toMatchObject({
    kind: 'seen',
    view: { tasks: new Map([['a', expect.anything()]]) },
    unsent: { entries: [], cause: null },
  });
  await sights.return();
});

test('a remote that does not answer is told, and for how long, and does not end it', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/a.md': 'x' });
  let nowMs = 0;
  const elapsedMs = () => nowMs;
  const sights = followQueue(scene.queue, { signal: NEVER, rhythm: AT_ONCE, elapsedMs });
  expect(await next(sights)).toMatchObject({ kind: 'seen' });
  scene.remote.goAway();
  nowMs = 5_000;
  expect(await next(sights)).toMatchObject({ kind: 'away', awayMs: 5_000 });
  nowMs = 65_000;
  expect(await next(sights)).toMatchObject({ kind: 'away', awayMs: 65_000, cause: { kind: 'unreachable' } });
  scene.remote.comeBack();
  expect(await next(sights)).toMatchObject({ kind: 'seen' });
  await sights.return();
});

test('a signal ends it, also in the middle of a look that gets no answer', async () => {
  await using scene = new FollowScene();
  const abort = new AbortController();
  let answer = (): void => {};
  const isAsked = new Promise<void>((asked) => {
    scene.remote.beforeRequest = () => {
      asked();
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
  });
  const step = followQueue(scene.queue, { signal: abort.signal, rhythm: AT_ONCE }).next();
  await isAsked;
  abort.abort();
  expect(await step).toEqual({ done: true, value: undefined });
  answer();
});

test('a change of the refs of a remote on this disk is seen long before the next look is due', async () => {
  await using folder = temporaryDirectory();
  const remoteDir = join(folder.path, 'queue.git');
  mkdirSync(join(remoteDir, 'refs', 'heads'), { recursive: true });
  const remote = new MemoryRemote();
  const port = new MemoryPort({ remote, branch: 'main' });
  const clock = { wallMs: () => 0, elapsedMs: () => 0 };
  const queue = openQueue({ remote: remoteDir, branch: 'main', stateDir: folder.path, clock, port });
  const aDayMs = 86_400_000;
  const sights = followQueue(queue, { signal: NEVER, rhythm: { quickMs: aDayMs, slowMs: aDayMs, restMs: 1 } });
  await next(sights);
  const second = next(sights);
  writeFileSync(join(remoteDir, 'refs', 'heads', 'main'), '');
  expect(await second).toMatchObject({ kind: 'seen' });
});
