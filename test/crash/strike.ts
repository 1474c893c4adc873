import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { Gate } from '../rig/gate.ts';
import { until } from '../rig/processes.ts';
import { NOTE_RUN, TestQueue } from '../rig/test-queue.ts';
import type { WorkerProcess, WorkerProcessOptions } from '../rig/worker-process.ts';
import type { Blow, Point, Victim } from './points.ts';

const LEASE = 'lease: { heartbeat: 1s, ttl: 5s }\npoll: { interval: 1s }';
/** Where another live worker must not judge the struck one, however slow this machine is. */
const LONG_LEASE = 'lease: { heartbeat: 1s, ttl: 5m }\npoll: { interval: 1s }';
const HURT = 'hurt';

/** Kills one victim at one point of a task's life, lets whoever is left finish it, and checks what must always hold. Returns what happened, in words. */
export async function strike(point: Point, victim: Victim): Promise<string> {
  const blow = point.blows[victim];
  const expected = point.expected[victim];
  if (!blow || !expected) throw new Error(`${point.name}: no ${victim} there`);
  await using queue = await TestQueue.open();
  await using gate = await Gate.make(queue.path('gate'));
  const lease = point.story === 'parked' && victim !== 'worker for good' ? LONG_LEASE : LEASE;
  const ids = await fileStory(queue, point, victim);
  const agentEnv = { GATE: gate.path };
  const parked = point.story === 'parked';
  // Somebody else is live, so that a result is parked rather than kept; it has no room for tasks of its own.
  const other = parked ? await queue.startWorker('vm', { config: lease, agentEnv }) : null;
  if (other) await other.waitFor((event) => event.type === 'push-ended' && event.ok, 'a heartbeat of the other worker');

  const common = { agentEnv, config: lease, slots: ids.length, once: true };
  const struckFile = queue.path('git-struck');
  const first = await queue.startWorker('pi', { ...common, ...aim(blow, victim, struckFile) });
  if (parked) {
    await first.waitFor((event) => event.type === 'recorded' && event.id === 'first', 'the result of the other task');
    await gate.letThrough();
  }
  if ('git' in blow) await until(() => existsSync(struckFile) || first.hasEnded);
  else await first.struck();
  const dies = victim === 'worker' || victim === 'worker for good';
  if (dies) expect(await first.exited, first.errors).toEqual({ code: null, signal: 'SIGKILL' });
  await gate.letThrough(9);

  let finisher = first;
  if (victim === 'worker for good') {
    finisher = other ?? (await queue.startWorker('vm', { config: lease, agentEnv }));
    await until(() => queue.isSettled(ids), 100);
    const back = await queue.startWorker('pi', common);
    expect(await back.exited, back.errors).toEqual({ code: 0, signal: null });
  } else {
    if (dies) finisher = await queue.startWorker('pi', common);
    expect(await finisher.exited, finisher.errors).toEqual({ code: 0, signal: null });
  }
  expect(await queue.isSettled(ids), 'the last worker left something open').toBe(true);
  if (finisher.machine === 'vm') await finisher.stop();
  else await other?.stop();

  const results = await queue.results();
  expect([...results.keys()].sort()).toEqual([...ids].sort());
  const result = results.get(HURT);
  expect(result?.attempts.map(({ outcome }) => outcome)).toEqual(expected);
  expect(result?.state).toBe(expected.at(-1));
  const ran = (await queue.runs()).filter(({ id }) => id === HURT).length;
  expect(await queue.fsck()).toBe('');
  expect(queue.journalOf('pi')).toEqual([]);
  await queue.untilNothingRuns();
  return describeOutcome(first, finisher, expected, ran);
}

function aim(blow: Blow, victim: Victim, struck: string): Partial<WorkerProcessOptions> {
  const kill = victim === 'worker for good' ? 'worker' : victim;
  if (!('git' in blow)) return { killAt: blow.at, kill };
  return { gitFault: { verb: blow.git, at: blow.at, when: blow.when, kill: kill === 'git' ? 'git' : 'worker', struck } };
}

/** Files the task that is struck, and what else its story needs; returns all ids. */
async function fileStory(queue: TestQueue, point: Point, victim: Victim): Promise<string[]> {
  const firstTime = (script: string) => `if [ "$ERRAND_ATTEMPT" = 1 ]; then ${script}; fi`;
  const wait = 'read -r go < "$GATE"';
  const scripts = {
    plain: [NOTE_RUN, 'echo working', 'echo finished'],
    long: [NOTE_RUN, 'echo working', firstTime(wait), 'echo finished'],
    retried: [NOTE_RUN, firstTime('sleep 600')],
    parked: [NOTE_RUN, firstTime(wait), 'echo finished'],
  };
  const head = [
    'agent: command',
    // A failed attempt waits for ten seconds: where the agent is killed, the first failure is the last.
    ...(victim === 'agent' ? ['retries: 0'] : []),
    ...(point.story === 'retried' ? ['timeout: 1s'] : []),
    ...(point.story === 'parked' && victim !== 'worker for good' ? ['machine: pi'] : []),
  ];
  const tasks = { [HURT]: `---\n${head.join('\n')}\n---\n${scripts[point.story].join('\n')}\n` };
  const companion: { [id: string]: string } = point.story === 'parked' ? { first: '---\nagent: command\nmachine: pi\n---\n:\n' } : {};
  await queue.file({ ...tasks, ...companion });
  return [...Object.keys(tasks), ...Object.keys(companion)];
}

function describeOutcome(first: WorkerProcess, finisher: WorkerProcess, attempts: readonly string[], ran: number): string {
  const isHurt = (event: { id?: string }) => event.id === HURT;
  const words: string[] = [];
  if (finisher.all('rescued').length > 0) words.push('rescued');
  if (finisher.all('given-back').some(isHurt)) words.push('given back');
  if (attempts.includes('lost')) words.push('lost, retried');
  else if (attempts.includes('timed-out')) words.push('released, retried');
  else if (finisher !== first && first.all('recorded').some(isHurt)) words.push('was recorded');
  else if (finisher !== first && first.all('journaled').some(isHurt)) words.push('not run again');
  else if (finisher !== first) words.push('run once');
  else if (attempts.at(-1) === 'failed') words.push('recorded failed');
  else words.push('went on');
  return `${words.join(', ')} (${ran} ${ran === 1 ? 'run' : 'runs'})`;
}
