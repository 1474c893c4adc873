import { openQueue, type Queue } from '@errand/queue';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isEvent, Scene, script } from '../rig/scene.ts';

let scene: Scene;
let queue: Queue;

beforeEach(async () => {
  scene = await Scene.open();
  const clock = { wallMs: () => Date.now(), elapsedMs: () => performance.now() };
  queue = openQueue({
    remote: scene.remote.url,
    branch: 'main',
    stateDir: scene.stateDir('pi'),
    clock,
    env: scene.machineEnv('pi'),
  });
});

afterEach(async () => {
  await queue.close();
  await scene[Symbol.asyncDispose]();
});

/** What `errand delegate` does before it prints the id. */
async function file(id: string): Promise<void> {
  const content = script(`echo ${id}`);
  await queue.outbox.add({ id, content, subject: `add: ${id}`, createdAt: new Date().toISOString(), commits: [] });
}

/** The commits that ever added this task. */
async function additions(id: string): Promise<string[]> {
  const log = await scene.remote.repository.git('log', '--format=%H', '--diff-filter=A', 'main', '--', `tasks/${id}.md`);
  return log.split('\n').filter((line) => line !== '');
}

test('what is filed while the remote is away is kept, and the worker sends it once when the remote is back', async () => {
  const worker = await scene.worker('pi', { config: 'poll: { interval: 1s }' });
  await worker.waitFor(isEvent('polled'), 'a first look');
  await scene.remote.goAway();
  await worker.waitFor(isEvent('poll-failed'), 'the outage');
  await file('one');
  await file('two');
  expect(await queue.flushOutbox()).toMatchObject({ ok: false, pending: ['one', 'two'], cause: { message: expect.any(String) } });
  await scene.remote.comeBack();
  for (const id of ['one', 'two']) await worker.waitFor(isEvent('recorded', id), `the result of ${id}`);
  for (const id of ['one', 'two']) {
    expect(await additions(id)).toHaveLength(1);
    expect((await scene.results(id)).map(({ result }) => result.answer)).toEqual([id]);
  }
  expect(await queue.outbox.pending()).toEqual([]);
});

test('a push that was applied and never answered is not sent again', async () => {
  await file('one');
  await scene.remote.repository.loseNextAnswer();
  await queue.outbox.flush(queue.port, 'main', { tries: 1 });
  expect((await queue.outbox.pending()).map(({ id, commits }) => [id, commits.length])).toEqual([['one', 1]]);
  expect(await additions('one')).toHaveLength(1);
  expect(await queue.flushOutbox()).toEqual({ ok: true, sent: ['one'] });
  expect(await additions('one')).toHaveLength(1);
});

test('a task that a person removed right after it arrived is not added again', async () => {
  await file('one');
  await scene.remote.repository.loseNextAnswer();
  await queue.outbox.flush(queue.port, 'main', { tries: 1 });
  const ada = await scene.person();
  await ada.remove('tasks/one.md');
  await ada.commit('no');
  await ada.push();
  expect(await queue.flushOutbox()).toEqual({ ok: true, sent: ['one'] });
  expect((await scene.files()).filter((path) => path.startsWith('tasks/'))).toEqual([]);
  expect(await additions('one')).toHaveLength(1);
});

test('a task that was removed and merged away in a history that nobody here has seen is not added again either', async () => {
  await file('one');
  await scene.remote.repository.loseNextAnswer();
  await queue.outbox.flush(queue.port, 'main', { tries: 1 });
  const ada = await scene.person();
  await ada.remove('tasks/one.md');
  await ada.commit('no');
  for (let commit = 0; commit < 40; commit++) await ada.git('commit', '--quiet', '--allow-empty', '--message', `work ${commit}`);
  await ada.push();
  await queue.close();
  const clock = { wallMs: () => Date.now(), elapsedMs: () => performance.now() };
  queue = openQueue({
    remote: scene.remote.url,
    branch: 'main',
    stateDir: scene.stateDir('pi'),
    clock,
    env: scene.machineEnv('pi'),
  });
  await queue.port.remake('so that the history is not here');
  expect(await queue.flushOutbox()).toEqual({ ok: true, sent: ['one'] });
  expect((await scene.files()).filter((path) => path.startsWith('tasks/'))).toEqual([]);
});

test('somebody whose push was faster does not keep the outbox from the branch', async () => {
  const ada = await scene.person();
  await ada.write('README.md', 'A queue.\n');
  await ada.commit();
  await ada.push();
  await ada.write('README.md', 'A queue of ours.\n');
  const overtaking = await ada.commit();
  await ada.git('push', '--quiet', 'origin', 'HEAD:refs/heads/aside');
  await file('one');
  await scene.remote.repository.overtakeNextPush('refs/heads/main', overtaking);
  expect(await queue.flushOutbox()).toEqual({ ok: true, sent: ['one'] });
  expect(await additions('one')).toHaveLength(1);
  expect(await scene.remote.repository.git('show', 'main:README.md')).toBe('A queue of ours.\n');
});
