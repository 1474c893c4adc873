import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { Gate } from '../rig/gate.ts';
import { isAlive, until } from '../rig/processes.ts';
import { NOTE_RUN, TestQueue } from '../rig/test-queue.ts';

const LEASE = 'lease: { heartbeat: 1s, ttl: 5s }\npoll: { interval: 1s }';
const LONG_LEASE = 'lease: { heartbeat: 1s, ttl: 5m }\npoll: { interval: 1s }';
const COUNT = `while :; do echo x >> "$COUNT_FILE"; sleep 0.02; done`;

/** How far an agent has counted. */
const countIn = async (path: string): Promise<number> => (await readFile(path, 'utf8').catch(() => '')).length;

test('a worker stopped past its ttl: another finishes, its agent stands still, and it records nothing when it goes on', async () => {
  await using queue = await TestQueue.open();
  const countFile = queue.path('count');
  const agentEnv = { COUNT_FILE: countFile };
  const script = `${NOTE_RUN}\n[ "$ERRAND_ATTEMPT" = 2 ] || ${COUNT}\nsleep 0.5`;
  await queue.file({ slow: `---\nagent: command\n---\n${script}\n` });
  const pi = await queue.startWorker('pi', { config: LEASE, agentEnv });
  await until(async () => (await countIn(countFile)) > 0);
  const vm = await queue.startWorker('vm', { config: LEASE, agentEnv });
  pi.signal('SIGSTOP');
  await queue.file({ next: `---\nagent: command\nmachine: pi\n---\n${NOTE_RUN}\n` });

  await vm.waitFor(({ type }) => type === 'rescued', 'the rescue');
  const counted = await countIn(countFile);
  expect(await queue.repository.git('log', '-1', '--format=%B', 'refs/errand/workers/pi')).toContain('state: tombstone');
  await vm.waitFor((event) => event.type === 'recorded' && event.id === 'slow', 'the result');
  expect(await countIn(countFile)).toBe(counted);

  pi.signal('SIGCONT');
  const fenced = await pi.waitFor(({ type }) => type === 'fenced', 'why it records nothing');
  expect(fenced).toMatchObject({ id: 'slow', text: expect.stringMatching(/nothing is recorded for slow: .*(?:taken over|vm)/) });
  await pi.waitFor((event) => event.type === 'recorded' && event.id === 'next', 'the next task');
  expect(pi.all('recorded').map(({ id }) => id)).toEqual(['next']);
  expect(await queue.repository.git('log', '-1', '--format=%B', 'refs/errand/workers/pi')).toContain('state: running');
  await until(() => !pi.family.some((process) => process.is === 'agent' && isAlive(process)));
  expect(await countIn(countFile)).toBe(counted);
  await Promise.all([pi.stop(), vm.stop()]);

  const results = await queue.results();
  expect(results.get('slow')?.attempts).toMatchObject([
    { worker: 'pi', outcome: 'lost' },
    { worker: 'vm', outcome: 'done' },
  ]);
  expect([...results.keys()].sort()).toEqual(['next', 'slow']);
  expect(await queue.openRefs()).toEqual([]);
  expect(queue.journalOf('pi')).toEqual([]);
  await queue.untilNothingRuns();
});

test('a worker stopped for less than its ttl goes on, and nothing is done twice', async () => {
  await using queue = await TestQueue.open();
  await using gate = await Gate.make(queue.path('gate'));
  const agentEnv = { GATE: gate.path };
  await queue.file({ slow: `---\nagent: command\n---\n${NOTE_RUN}\nread -r go < "$GATE"\n` });
  const pi = await queue.startWorker('pi', { config: LONG_LEASE, agentEnv });
  await pi.waitFor(({ type }) => type === 'spawned', 'the run');
  const vm = await queue.startWorker('vm', { config: LONG_LEASE, agentEnv });
  await vm.waitFor(({ type }) => type === 'polled', 'a look by the other');
  pi.signal('SIGSTOP');
  const before = vm.all('polled').length;
  await vm.waitFor(() => vm.all('polled').length >= before + 3, 'looks while it is stopped');
  pi.signal('SIGCONT');
  await gate.letThrough();
  await pi.waitFor(({ type }) => type === 'recorded', 'the result');
  await Promise.all([pi.stop(), vm.stop()]);
  expect(vm.all('rescued')).toEqual([]);
  expect(await queue.runs()).toEqual([{ id: 'slow', attempt: 1, machine: 'pi' }]);
  expect((await queue.results()).get('slow')?.attempts).toMatchObject([{ worker: 'pi', outcome: 'done' }]);
});

test('an agent that was frozen while its worker stood still goes on with it when nobody took the task', async () => {
  await using queue = await TestQueue.open();
  const countFile = queue.path('count');
  const stopFile = queue.path('stop');
  const script = `${NOTE_RUN}\nwhile [ ! -e "$STOP_FILE" ]; do echo x >> "$COUNT_FILE"; sleep 0.02; done`;
  await queue.file({ slow: `---\nagent: command\n---\n${script}\n` });
  const pi = await queue.startWorker('pi', {
    config: 'lease: { heartbeat: 1s, ttl: 3s }',
    agentEnv: { COUNT_FILE: countFile, STOP_FILE: stopFile },
  });
  await until(async () => (await countIn(countFile)) > 0);
  pi.signal('SIGSTOP');
  // Ten looks at a file that grows fifty times a second.
  let counted = -1;
  let same = 0;
  await until(async () => {
    const now = await countIn(countFile);
    same = now === counted ? same + 1 : 0;
    counted = now;
    return same === 10;
  }, 100);
  pi.signal('SIGCONT');
  await until(async () => (await countIn(countFile)) > counted);
  expect(pi.all('fenced')).toEqual([]);
  await writeFile(stopFile, '');
  await pi.waitFor(({ type }) => type === 'recorded', 'the result');
  await pi.stop();
  expect(await queue.runs()).toEqual([{ id: 'slow', attempt: 1, machine: 'pi' }]);
});
