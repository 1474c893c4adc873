import { expect, test } from 'vitest';
import { claimOf, FollowScene, resultOf } from '../rig/follow-scene.ts';
import { buildEndReport, summarizeEnd } from './end-report.ts';

async function viewOf(scene: FollowScene) {
  const read = await scene.queue.readView();
  if (!read.ok) throw new Error(read.cause.message);
  return read.view;
}

const TASK = { id: 'fix-login', title: 'Fix the login' };

test('a result is told with its answer, its attempts and what they cost together', async () => {
  await using scene = new FollowScene();
  const [first] = resultOf('fix-login').attempts;
  if (!first) throw new Error('a result has an attempt');
  const attempts = [
    { ...first, outcome: 'failed' as const, cost_usd: 0.25 },
    { ...first, attempt: 2, agent: 'claude', cost_usd: 0.5, turns: 12, branch: 'errand/fix-login/2' },
  ];
  await scene.finish(resultOf('fix-login', { attempts }));
  const report = await buildEndReport(scene.queue, { kind: 'finished', view: await viewOf(scene) }, TASK);
  expect(report).toEqual({
    schema: 1,
    ...TASK,
    path: 'results/2026-11-20/fix-login.md',
    state: 'done',
    reason: 'finished at 2026-11-20 09:03:12 UTC',
    answer: 'the answer',
    finished_at: '2026-11-20T09:03:12.000Z',
    worker: 'pi',
    cost_usd: 0.75,
    attempts,
  });
  expect(summarizeEnd(report)).toBe(
    'done: fix-login on pi (haiku, 3m 12s, $0.75, 12 turns, attempt 2), branch errand/fix-login/2',
  );
});

test('a failure is told with its cause; a command has no tier', async () => {
  await using scene = new FollowScene();
  const [first] = resultOf('fix-login').attempts;
  if (!first) throw new Error('a result has an attempt');
  const attempts = [{ ...first, outcome: 'failed' as const, cause: 'exit status 3' }];
  await scene.finish(resultOf('fix-login', { state: 'failed', attempts }));
  const report = await buildEndReport(scene.queue, { kind: 'finished', view: await viewOf(scene) }, TASK);
  expect(summarizeEnd(report)).toBe('failed: fix-login on pi (3m 12s): exit status 3; finished at 2026-11-20 09:03:12 UTC');
});

test('a task whose file was removed was cancelled, and has no answer', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/.gitkeep': '' });
  const view = await viewOf(scene);
  const report = await buildEndReport(scene.queue, { kind: 'removed', view, last: null }, TASK);
  expect(report).toMatchObject({ state: 'cancelled', path: 'tasks/fix-login.md', answer: null, attempts: [], cost_usd: null });
  expect(summarizeEnd(report)).toBe('cancelled: fix-login: its file was removed from the queue');
});

test('a result that nobody can read is not done', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'results/2026-11-20/fix-login.md': 'no front matter\n', 'tasks/.gitkeep': '' });
  await scene.record('fix-login', claimOf('fix-login'));
  const report = await buildEndReport(scene.queue, { kind: 'finished', view: await viewOf(scene) }, TASK);
  expect(report).toMatchObject({ state: 'finished', answer: null, reason: expect.stringContaining('cannot be read') });
});
