import { describe, expect, test } from 'vitest';
import { Gate } from '../rig/gate.ts';
import { until } from '../rig/processes.ts';
import { NOTE_RUN, TestQueue } from '../rig/test-queue.ts';

const LEASE = 'lease: { heartbeat: 1s, ttl: 5s }\npoll: { interval: 1s }';
const KILLED = { code: null, signal: 'SIGKILL' };

/** A task that nobody lets go: whoever runs it can be killed while it does. */
const HELD = `---\nagent: command\n---\n${NOTE_RUN}\necho working\nread -r go < "$GATE"\n`;

describe('a task that is lost twice in a row has failed', { concurrent: true }, () => {
  test('also when its machine is the same, started again each time', async () => {
    await using queue = await TestQueue.open();
    await using gate = await Gate.make(queue.path('gate'));
    const options = { agentEnv: { GATE: gate.path }, once: true };
    await queue.file({ heavy: HELD });
    for (const _ of [1, 2]) {
      const worker = await queue.startWorker('pi', { ...options, killAt: 'agent:output' });
      expect(await worker.exited, worker.errors).toEqual(KILLED);
    }
    const last = await queue.startWorker('pi', options);
    expect(await last.exited, last.errors).toEqual({ code: 0, signal: null });
    await expectFailed(queue);
  });

  test('also when another machine finds the second', async () => {
    await using queue = await TestQueue.open();
    await using gate = await Gate.make(queue.path('gate'));
    const options = { agentEnv: { GATE: gate.path }, config: LEASE };
    await queue.file({ heavy: HELD });
    for (const _ of [1, 2]) {
      const worker = await queue.startWorker('pi', { ...options, killAt: 'agent:output' });
      expect(await worker.exited, worker.errors).toEqual(KILLED);
    }
    const vm = await queue.startWorker('vm', options);
    await until(() => queue.isSettled(['heavy']), 100);
    await vm.stop();
    await expectFailed(queue);
  });
});

async function expectFailed(queue: TestQueue): Promise<void> {
  const result = (await queue.results()).get('heavy');
  expect(result).toMatchObject({ state: 'failed', attempts: [{ outcome: 'lost' }, { outcome: 'lost' }] });
  expect(await queue.runs()).toHaveLength(2);
  expect(await queue.isSettled(['heavy'])).toBe(true);
  await queue.untilNothingRuns();
}

describe('a rescuer that is killed', { concurrent: true }, () => {
  const push = { verb: 'push', at: 'push-started:rescue#1', when: 'after', kill: 'worker' } as const;
  const blows = {
    'before its push is sent': () => ({ killAt: 'push-started:rescue' }),
    'after it was applied, before the answer': (queue: TestQueue) => ({ gitFault: { ...push, struck: queue.path('struck') } }),
    'after the answer': () => ({ killAt: 'push-ended:rescue' }),
  };
  for (const [when, aim] of Object.entries(blows)) {
    test(`${when} leaves nothing that its next start does not finish`, async () => {
      await using queue = await TestQueue.open();
      await using gate = await Gate.make(queue.path('gate'));
      const options = { agentEnv: { GATE: gate.path }, config: LEASE };
      await queue.file({ heavy: HELD });
      const pi = await queue.startWorker('pi', { ...options, killAt: 'agent:output' });
      expect(await pi.exited, pi.errors).toEqual(KILLED);
      await gate.letThrough(9);
      const vm = await queue.startWorker('vm', { ...options, ...aim(queue) });
      expect(await vm.exited, vm.errors).toEqual(KILLED);
      const again = await queue.startWorker('vm', options);
      await until(() => queue.isSettled(['heavy']), 100);
      await again.stop();
      expect((await queue.results()).get('heavy')).toMatchObject({
        state: 'done',
        attempts: [
          { worker: 'pi', outcome: 'lost' },
          { worker: 'vm', outcome: 'done' },
        ],
      });
      expect(queue.journalOf('vm')).toEqual([]);
      await queue.untilNothingRuns();
    });
  }
});
