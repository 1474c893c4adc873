import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { Gate } from '../rig/gate.ts';
import { isAlive, until } from '../rig/processes.ts';
import { NOTE_RUN, TestQueue } from '../rig/test-queue.ts';
import type { WorkerProcess, WorkerProcessOptions } from '../rig/worker-process.ts';
import type { Blow, Point, Victim } from './points.ts';

const LEASE = 'lease: { heartbeat: 1s, ttl: 5s }\npoll: { interval: 1s }';
/** Where another live worker must not judge the struck one, however slow this machine is. */
const LONG_LEASE = 'lease: { heartbeat: 1s, ttl: 5m }\npoll: { interval: 1s }';
/** The task that is struck, and one that keeps another machine busy. */
const HURT = 'hurt';
const BUSY = 'busy';

/** Kills one victim at one point of a task's life, lets whoever is left finish it, and checks what must always hold. Returns what happened, in words. */
export async function strike(point: Point, victim: Victim): Promise<string> {
  const blow = point.blows[victim];
  const expected = point.expected[victim];
  if (!blow || !expected) throw new Error(`${point.name}: no ${victim} there`);
  await using queue = await TestQueue.open();
  await using gate = await Gate.make(queue.path('gate'));
  await using otherGate = await Gate.make(queue.path('gate-of-vm'));
  const parked = point.story === 'parked';
  const config = parked && victim !== 'worker for good' ? LONG_LEASE : LEASE;
  const startOther = () => queue.startWorker('vm', { config, agentEnv: { GATE: otherGate.path } });
  const other = parked ? await startBusy(queue, startOther) : null;
  await queue.file({ [HURT]: writeTask(point, victim) });
  if (parked) await queue.repository.overtakeNextPush('refs/heads/main', await queue.prepareCommit());

  const dies = victim === 'worker' || victim === 'worker for good';
  const common = { agentEnv: { GATE: gate.path }, config, once: true };
  const struckFile = queue.path('git-struck');
  const first = await queue.startWorker('pi', {
    ...common,
    ...aim(blow, victim, struckFile),
    ...(point.story === 'long' && { countFrom: 'agent:output' }),
  });
  if ('git' in blow) await until(() => existsSync(struckFile) || first.hasEnded);
  else if (dies) await first.struck();
  else expect(await first.struck(), 'processes killed').toBeGreaterThan(0);
  if (dies) expect(await first.exited, first.errors).toEqual({ code: null, signal: 'SIGKILL' });
  // An agent that is held must be ended, not let go: it has nobody left to tell.
  if (dies && (point.story === 'held' || point.story === 'long')) await until(() => !first.family.some(isAlive));
  await gate.letThrough(9);

  const ids = parked ? [HURT, BUSY] : [HURT];
  let finisher = first;
  if (victim === 'worker for good') {
    await otherGate.letThrough(9);
    finisher = other ?? (await startOther());
    await until(() => queue.isSettled(ids), 100);
    const back = await queue.startWorker('pi', common);
    expect(await back.exited, back.errors).toEqual({ code: 0, signal: null });
  } else {
    if (dies) finisher = await queue.startWorker('pi', common);
    expect(await finisher.exited, finisher.errors).toEqual({ code: 0, signal: null });
    if (parked) {
      await otherGate.letThrough();
      await until(() => queue.isSettled(ids), 100);
    }
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

/** A live worker with no slot left: others' results are parked while it is there, and its own tasks are not struck. */
async function startBusy(queue: TestQueue, start: () => Promise<WorkerProcess>): Promise<WorkerProcess> {
  await queue.file({ [BUSY]: '---\nagent: command\nmachine: vm\n---\nread -r go < "$GATE"\n' });
  const worker = await start();
  await worker.waitFor(({ type }) => type === 'spawned', 'the task that keeps it busy');
  return worker;
}

function aim(blow: Blow, victim: Victim, struck: string): Partial<WorkerProcessOptions> {
  const kill = victim === 'worker for good' ? 'worker' : victim;
  if (!('git' in blow)) return { killAt: blow.at, kill };
  return { gitFault: { verb: blow.git, at: blow.at, when: blow.when, kill: kill === 'git' ? 'git' : 'worker', struck } };
}

function writeTask(point: Point, victim: Victim): string {
  const firstTime = (script: string) => `if [ "$ERRAND_ATTEMPT" = 1 ]; then ${script}; fi`;
  const wait = 'read -r go < "$GATE"';
  const scripts = {
    plain: [NOTE_RUN, 'echo working', 'echo finished'],
    held: [NOTE_RUN, 'echo working', firstTime(wait), 'echo finished'],
    long: [NOTE_RUN, 'echo working', firstTime(wait), 'echo finished'],
    retried: [NOTE_RUN, firstTime('sleep 600')],
    parked: [NOTE_RUN, 'echo finished'],
  };
  const head = [
    'agent: command',
    // A failed attempt waits for ten seconds: where the agent is killed, the first failure is the last.
    ...(victim === 'agent' ? ['retries: 0'] : []),
    ...(point.story === 'retried' ? ['timeout: 3s'] : []),
  ];
  return `---\n${head.join('\n')}\n---\n${scripts[point.story].join('\n')}\n`;
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
