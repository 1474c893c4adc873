import type { WaitingRecord } from '@errand/task';
import { expect, test } from 'vitest';
import { AT_ONCE, beatOf, claimOf, FollowScene, nonceOf, resultOf } from '../rig/follow-scene.ts';
import { AttemptLogs, logFolder } from './attempt-logs.ts';
import { followTask, type TaskNews } from './follow-task.ts';

const FILE = '---\nagent: command\n---\nx\n';

interface Following {
  /** The next news, whatever it is. */
  next(): Promise<TaskNews>;
  /** Everything from here to the end. */
  rest(): Promise<TaskNews[]>;
  abort(): void;
}

function follow(
  scene: FollowScene,
  id: string,
  more: { filed?: string; patienceMs?: number; elapsedMs?: () => number } = {},
): Following {
  const abort = new AbortController();
  const logs = new AttemptLogs(logFolder(scene.stateDir, id), 'oldest');
  const news = followTask(scene.queue, { id, logs, signal: abort.signal, rhythm: AT_ONCE, ...more });
  return {
    next: async () => {
      const step = await news.next();
      if (step.done) throw new Error('there are no more news');
      return step.value;
    },
    rest: async () => {
      const all: TaskNews[] = [];
      for await (const one of news) all.push(one);
      return all;
    },
    abort: () => abort.abort(),
  };
}

const state = (fields: object) => ({ type: 'state', task: expect.objectContaining(fields), isCommand: expect.any(Boolean) });

test('each state of a task is told once, with its reason, until it has a result', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/a.md': FILE });
  const following = follow(scene, 'a');
  expect(await following.next()).toEqual(state({ state: 'queued', reason: expect.stringContaining('no worker is running') }));
  await scene.beat(beatOf('pi'));
  expect(await following.next()).toEqual(state({ state: 'queued', reason: expect.stringContaining('next look') }));
  const run = { nonce: nonceOf(2), id: 'a', attempt: 1 };
  await scene.beat(beatOf('pi', { runs: [{ ...run, phase: 'claimed' }], nonce: nonceOf(3) }));
  await scene.record('a', claimOf('a'));
  expect(await following.next()).toEqual(
    state({ state: 'running', attempt: 1, worker: 'pi', tier: 'haiku', reason: expect.stringContaining('claimed by `pi`') }),
  );
  await scene.beat(beatOf('pi', { runs: [{ ...run, phase: 'running' }], nonce: nonceOf(4) }));
  expect(await following.next()).toEqual(state({ reason: expect.stringContaining('runs on `pi`') }));
  await scene.finish(resultOf('a'));
  expect(await following.rest()).toEqual([{ type: 'ended', end: { kind: 'finished', view: expect.anything() } }]);
});

test('a task that is to be tried again says so once, however its time runs down', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/a.md': FILE });
  await scene.queue.readView();
  const view = await scene.queue.readLastView();
  const blob = view?.tasks.get('a')?.blob ?? '';
  await scene.beat(beatOf('pi'));
  const base: WaitingRecord = {
    schema: 1,
    id: 'a',
    state: 'waiting',
    nonce: nonceOf(5),
    task: blob,
    attempts: [],
    reason: 'failed on pi',
  };
  const atMs = Date.now() + 3_600_000;
  await scene.record('a', { ...base, next: { retry_at: new Date(atMs).toISOString() } });
  const following = follow(scene, 'a');
  expect(await following.next()).toEqual(state({ state: 'waiting', reason: expect.stringMatching(/^failed on pi; again in/) }));
  await scene.record('a', { ...base, nonce: nonceOf(6), next: { retry_at: new Date(atMs - 1_800_000).toISOString() } });
  const late = following.next();
  await scene.looked();
  await scene.record('a', {
    ...base,
    nonce: nonceOf(7),
    reason: 'stalled on pi',
    next: { retry_at: new Date(atMs).toISOString() },
  });
  expect(await late).toEqual(state({ reason: expect.stringMatching(/^stalled on pi/) }));
  following.abort();
  expect(await following.rest()).toEqual([]);
});

test('a file that is removed while nobody has the task ends it', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/a.md': FILE });
  const following = follow(scene, 'a');
  await following.next();
  await scene.commit({ 'tasks/a.md': null });
  expect(await following.rest()).toEqual([
    { type: 'ended', end: { kind: 'removed', view: expect.anything(), last: expect.objectContaining({ id: 'a' }) } },
  ]);
});

test('a file that is removed while the task runs ends it only with the result of its worker', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/a.md': FILE });
  await scene.beat(beatOf('pi'));
  await scene.record('a', claimOf('a'));
  const following = follow(scene, 'a');
  await following.next();
  await scene.commit({ 'tasks/a.md': null });
  expect(await following.next()).toEqual({ type: 'being-cancelled', worker: 'pi' });
  await scene.finish(resultOf('a', { state: 'cancelled' }));
  expect(await following.rest()).toMatchObject([{ type: 'ended', end: { kind: 'finished' } }]);
});

test('nobody waits for the result of a worker that is not there any more', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/a.md': FILE });
  await scene.beat(beatOf('pi'));
  await scene.record('a', claimOf('a'));
  const following = follow(scene, 'a');
  await following.next();
  await scene.commit({ 'tasks/a.md': null });
  await following.next();
  await scene.beat(beatOf('pi', { state: 'stopped', nonce: nonceOf(9) }));
  expect(await following.rest()).toMatchObject([{ type: 'ended', end: { kind: 'removed' } }]);
});

test('an outage is told once, and so is its end', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/a.md': FILE });
  const following = follow(scene, 'a');
  await following.next();
  scene.remote.goAway();
  expect(await following.next()).toMatchObject({ type: 'away', cause: { kind: 'unreachable' } });
  const late = following.next();
  await scene.looked();
  scene.remote.comeBack();
  expect(await late).toEqual({ type: 'back' });
  following.abort();
  expect(await following.rest()).toEqual([]);
});

test('a queue that cannot be read for longer than patience lasts ends the following', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/a.md': FILE });
  let nowMs = 0;
  const following = follow(scene, 'a', { patienceMs: 1_000, elapsedMs: () => nowMs });
  await following.next();
  scene.remote.goAway();
  await following.next();
  nowMs = 1_000;
  expect(await following.rest()).toMatchObject([{ type: 'ended', end: { kind: 'out-of-sight', awayMs: 1_000 } }]);
});

test('a task that the server does not take yet is told to be unsent, and then followed', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/.gitkeep': '' });
  await scene.queue.outbox.add({ id: 'a', content: FILE, subject: 'add: a', createdAt: '2026-11-20T09:00:00Z', commits: [] });
  scene.remote.hook = () => 'no more tasks today';
  let nowMs = 0;
  const following = follow(scene, 'a', { filed: FILE, elapsedMs: () => nowMs });
  expect(await following.next()).toMatchObject({ type: 'unsent', cause: { message: expect.stringContaining('no more tasks') } });
  const { pushes } = scene.remote;
  const late = following.next();
  await scene.looked();
  expect(scene.remote.pushes).toBe(pushes);
  scene.remote.hook = () => null;
  nowMs = 15_000;
  expect(await late).toEqual(state({ state: 'queued' }));
  following.abort();
});

test('a task whose id was taken by another on the way is not mistaken for that one', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/a.md': '---\nagent: command\n---\nof somebody else\n' });
  await scene.queue.outbox.add({ id: 'a', content: FILE, subject: 'add: a', createdAt: '2026-11-20T09:00:00Z', commits: [] });
  const [news, ...more] = await follow(scene, 'a', { filed: FILE }).rest();
  expect(news).toEqual({ type: 'renamed', id: expect.stringMatching(/^a-[0-9a-f]{4}$/) });
  expect(more).toEqual([]);
});

test('what an attempt on this machine says comes as it is said, and before what became of the task', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/a.md': FILE });
  const following = follow(scene, 'a');
  await following.next();
  await scene.log('a', nonceOf(2), 'one', 'two');
  expect(await following.next()).toEqual({ type: 'log', nonce: nonceOf(2), lines: ['one', 'two'] });
  await scene.log('a', nonceOf(3), 'three');
  expect(await following.next()).toEqual({ type: 'log', nonce: nonceOf(3), lines: ['three'] });
  await scene.log('a', nonceOf(3), 'four');
  await scene.finish(resultOf('a'));
  expect(await following.rest()).toMatchObject([{ type: 'log', lines: ['four'] }, { type: 'ended' }]);
});
