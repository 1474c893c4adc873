import { expect, test } from 'vitest';
import { Gate } from '../rig/gate.ts';
import { NOTE_RUN, TestQueue } from '../rig/test-queue.ts';
import type { WorkerProcess } from '../rig/worker-process.ts';

const FIRST_TIME_WAIT = 'if [ "$ERRAND_ATTEMPT" = 1 ]; then read -r go < "$GATE"; fi';
const WAITS = `---\nagent: command\nretries: 0\n---\n${NOTE_RUN}\necho started\n${FIRST_TIME_WAIT}\n`;

const running = (worker: WorkerProcess) =>
  worker.waitFor((event) => event.type === 'agent' && event.event.type === 'output', 'output of the agent');
const lastHeartbeat = (queue: TestQueue, machine: string) =>
  queue.repository.git('log', '-1', '--format=%B', `refs/errand/workers/${machine}`);

test('SIGTERM: nothing more is claimed, what runs may finish, and the next start goes on', async () => {
  await using queue = await TestQueue.open();
  await using gate = await Gate.make(queue.path('gate'));
  const agentEnv = { GATE: gate.path };
  await queue.file({ first: WAITS });
  const pi = await queue.startWorker('pi', { agentEnv, slots: 2, config: 'grace: { shutdown: 1h }' });
  await running(pi);
  pi.signal('SIGTERM');
  await pi.waitFor(({ type }) => type === 'stopping', 'word that it stops');
  await queue.file({ second: `---\nagent: command\n---\n${NOTE_RUN}\n` });
  const looks = pi.all('polled').length;
  await pi.waitFor(
    (event) => event.type === 'polled' && event.tasks === 2 && pi.all('polled').length > looks,
    'a look at the second task',
  );
  await gate.letThrough();
  expect(await pi.exited, pi.errors).toEqual({ code: 0, signal: null });
  expect(pi.all('recorded').map(({ id }) => id)).toEqual(['first']);
  expect(pi.all('claimed').map(({ id }) => id)).toEqual(['first']);
  expect(await lastHeartbeat(queue, 'pi')).toContain('state: stopped');
  expect(await queue.openRefs()).toEqual([]);
  await queue.untilNothingRuns();

  const again = await queue.startWorker('pi', { agentEnv, once: true });
  expect(await again.exited, again.errors).toEqual({ code: 0, signal: null });
  expect(again.all('recorded').map(({ id }) => id)).toEqual(['second']);
});

test('past the grace period an attempt is stopped, not counted, and another worker takes the task at once', async () => {
  await using queue = await TestQueue.open();
  await using gate = await Gate.make(queue.path('gate'));
  const agentEnv = { GATE: gate.path };
  await queue.file({ first: WAITS });
  const pi = await queue.startWorker('pi', { agentEnv, config: 'grace: { shutdown: 1s, kill: 1s }' });
  await running(pi);
  const vm = await queue.startWorker('vm', { agentEnv });
  await vm.waitFor(({ type }) => type === 'polled', 'a look by the other');
  pi.signal('SIGTERM');
  expect(await pi.exited, pi.errors).toEqual({ code: 0, signal: null });
  await vm.waitFor((event) => event.type === 'recorded' && event.id === 'first', 'the result');
  await vm.stop();
  expect((await queue.results()).get('first')).toMatchObject({
    state: 'done',
    attempts: [
      { worker: 'pi', outcome: 'stopped' },
      { worker: 'vm', outcome: 'done' },
    ],
  });
  expect(vm.all('rescued')).toEqual([]);
  expect(queue.journalOf('pi')).toEqual([]);
  expect(await queue.openRefs()).toEqual([]);
  await queue.untilNothingRuns();
});

test('a second SIGTERM does not wait for the grace period, nor for an agent that does not listen', async () => {
  await using queue = await TestQueue.open();
  await using gate = await Gate.make(queue.path('gate'));
  const agentEnv = { GATE: gate.path };
  await queue.file({ first: `---\nagent: command\n---\n${NOTE_RUN}\ntrap '' TERM\necho started\n${FIRST_TIME_WAIT}\n` });
  const pi = await queue.startWorker('pi', { agentEnv, config: 'grace: { shutdown: 1h, kill: 1h }' });
  await running(pi);
  pi.signal('SIGTERM');
  await pi.waitFor(({ type }) => type === 'stopping', 'word that it stops');
  pi.signal('SIGTERM');
  expect(await pi.exited, pi.errors).toEqual({ code: 0, signal: null });
  await queue.untilNothingRuns();
  // Nothing was sent: what it came to waits in the journal for the next start.
  expect(queue.journalOf('pi')).toHaveLength(1);

  const again = await queue.startWorker('pi', { agentEnv, once: true });
  expect(await again.exited, again.errors).toEqual({ code: 0, signal: null });
  expect((await queue.results()).get('first')?.attempts).toMatchObject([{ outcome: 'stopped' }, { outcome: 'done' }]);
  expect(queue.journalOf('pi')).toEqual([]);
});
