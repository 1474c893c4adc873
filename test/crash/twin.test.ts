import { expect, test } from 'vitest';
import { Gate } from '../rig/gate.ts';
import { NOTE_RUN, TestQueue } from '../rig/test-queue.ts';

test('two workers of one name: the second says so, claims nothing, and takes over when the first has stopped', async () => {
  await using queue = await TestQueue.open();
  await using gate = await Gate.make(queue.path('gate'));
  const agentEnv = { GATE: gate.path };
  await queue.file({ first: `---\nagent: command\n---\n${NOTE_RUN}\nread -r go < "$GATE"\n` });
  const pi = await queue.startWorker('pi', { agentEnv });
  await pi.waitFor(({ type }) => type === 'spawned', 'the run');
  await queue.file({ second: `---\nagent: command\n---\n${NOTE_RUN}\n` });

  const inAHurry = await queue.startWorker('pi', { agentEnv, stateDir: queue.path('image'), once: true });
  expect(await inAHurry.exited, inAHurry.errors).toEqual({ code: 4, signal: null });
  expect(inAHurry.all('stopped')).toEqual([{ type: 'stopped', exit: 'twin', left: [] }]);

  const twin = await queue.startWorker('pi', { agentEnv, stateDir: queue.path('image') });
  const said = await twin.waitFor(({ type }) => type === 'twin', 'word of the other');
  expect(said).toMatchObject({ machine: 'pi', text: expect.stringContaining('another worker uses the name pi') });
  for (const worker of [inAHurry, twin]) expect(worker.all('push-started')).toEqual([]);

  pi.signal('SIGTERM');
  await pi.waitFor(({ type }) => type === 'stopping', 'word that it stops');
  await gate.letThrough();
  expect(await pi.exited).toEqual({ code: 0, signal: null });
  await twin.waitFor((event) => event.type === 'recorded' && event.id === 'second', 'the second result');
  await twin.stop();
  expect(await queue.runs()).toHaveLength(2);
  expect([...(await queue.results()).keys()].sort()).toEqual(['first', 'second']);
  expect(twin.all('twin')).toHaveLength(1);
});
