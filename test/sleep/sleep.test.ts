import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { Gate } from '../rig/gate.ts';
import { isAlive, until } from '../rig/processes.ts';
import { isEvent, script as task } from '../rig/scene.ts';
import { NOTE_RUN, type Run, TestQueue } from '../rig/test-queue.ts';
import type { WorkerProcess, WorkerProcessOptions } from '../rig/worker-process.ts';
import { Laptop } from './laptop.ts';

/** As short as a machine under load can keep. */
const SHORT_LEASE = 'lease: { heartbeat: 1s, ttl: 4s }\npoll: { interval: 1s }';
/** Longer than any test takes: whoever is judged by it is judged wrongly. */
const LONG_LEASE = 'lease: { heartbeat: 30s, ttl: 5m }\npoll: { interval: 1s }';
const NIGHT_MS = 8 * 3_600_000;
const DAY_MS = 24 * 3_600_000;
const COUNT = 'while :; do echo x >> "$COUNT_FILE"; sleep 0.02; done';
const AT_THE_GATE = 'read -r go < "$GATE"';

const missing = await Laptop.whyNot();
const title = missing === null ? 'a laptop that sleeps' : `a laptop that sleeps (${missing})`;

describe.skipIf(missing !== null && process.env.CI !== 'true')(title, () => {
  test('longer than its ttl: another finishes its task, and on waking it ends its own attempt and records nothing of it', async () => {
    await using queue = await TestQueue.open();
    await using laptop = await Laptop.open(queue.path('laptop-clock'));
    const agentEnv = { COUNT_FILE: queue.path('count') };
    await queue.file({ slow: task(`${NOTE_RUN}\n[ "$ERRAND_ATTEMPT" = 2 ] || ${COUNT}`) });
    const asleep = await open(queue, laptop, { config: SHORT_LEASE, agentEnv });
    await until(async () => (await countIn(queue)) > 0);
    await laptop.sleep();
    const desktop = await queue.startWorker('desktop', { config: SHORT_LEASE, agentEnv });
    const counted = await countIn(queue);
    await desktop.waitFor(isEvent('rescued'), 'the rescue');
    await desktop.waitFor(isEvent('recorded', 'slow'), 'the result');
    expect(await countIn(queue)).toBe(counted);

    await laptop.wake(NIGHT_MS);
    const fenced = await asleep.waitFor(isEvent('fenced'), 'why it records nothing');
    expect(fenced).toMatchObject({ id: 'slow', text: expect.stringContaining('desktop has recorded a result for it') });
    await until(() => !asleep.family.some((process) => process.is === 'agent' && isAlive(process)));
    await queue.file({ next: task(NOTE_RUN, 'machine: laptop') });
    await asleep.waitFor(isEvent('recorded', 'next'), 'the next task');
    await Promise.all([asleep.stop(), desktop.stop()]);

    expect(asleep.all('rescued')).toEqual([]);
    expect(asleep.all('recorded').map(({ id }) => id)).toEqual(['next']);
    const results = await queue.results();
    expect(results.get('slow')?.attempts).toMatchObject([
      { worker: 'laptop', outcome: 'lost' },
      { worker: 'desktop', outcome: 'done' },
    ]);
    expect(await queue.openRefs()).toEqual([]);
    expect(queue.journalOf('laptop')).toEqual([]);
    await queue.untilNothingRuns();
  });

  test('so shortly that nobody took its task: the attempt stands still until that is certain, then goes on', async () => {
    await using queue = await TestQueue.open();
    await using laptop = await Laptop.open(queue.path('laptop-clock'));
    await using gate = await Gate.make(queue.path('gate'));
    const agentEnv = { GATE: gate.path };
    await queue.file({ slow: task(`${NOTE_RUN}\n${AT_THE_GATE}`) });
    const asleep = await open(queue, laptop, { config: LONG_LEASE, agentEnv });
    await asleep.waitFor(isEvent('spawned'), 'the run');
    const desktop = await queue.startWorker('desktop', { config: LONG_LEASE, agentEnv });
    await laptop.sleep();
    await looks(desktop, 3);
    await laptop.wake(4 * 60_000);
    await asleep.waitFor(isEvent('thawed'), 'the attempt goes on');
    await gate.letThrough();
    await asleep.waitFor(isEvent('recorded'), 'the result');
    await Promise.all([asleep.stop(), desktop.stop()]);

    // By itself or by its guard, whichever was up first.
    expect(asleep.all('frozen')).toMatchObject([{ id: 'slow' }]);
    expect([...asleep.all('rescued'), ...desktop.all('rescued')]).toEqual([]);
    expect(await queue.runs()).toEqual([{ id: 'slow', attempt: 1, machine: 'laptop' }]);
    expect((await queue.results()).get('slow')?.attempts).toMatchObject([{ worker: 'laptop', outcome: 'done' }]);
  });

  test('all night, with what nobody else may do: it waits for it, unhurt by its own limits of time, and is done once', async () => {
    await using queue = await TestQueue.open();
    await using laptop = await Laptop.open(queue.path('laptop-clock'));
    await using gate = await Gate.make(queue.path('gate'));
    const agentEnv = { GATE: gate.path };
    const keys = ['machine: laptop', 'timeout: 10m', 'verify: sleep 0.1'].join('\n');
    await queue.file({ mine: task(`${NOTE_RUN}\n${AT_THE_GATE}`, keys) });
    const asleep = await open(queue, laptop, { config: SHORT_LEASE, agentEnv });
    await asleep.waitFor(isEvent('spawned'), 'the run');
    const desktop = await queue.startWorker('desktop', { config: SHORT_LEASE, agentEnv });
    await laptop.sleep();
    // Its heartbeat is stale by then, by any count.
    await looks(desktop, 7);
    await laptop.wake(NIGHT_MS);
    await looks(asleep, 1);
    await gate.letThrough();
    await asleep.waitFor(isEvent('recorded'), 'the result');
    await Promise.all([asleep.stop(), desktop.stop()]);

    expect(desktop.all('rescued')).toEqual([]);
    expect(asleep.all('frozen')).toEqual([]);
    expect(await queue.runs()).toEqual([{ id: 'mine', attempt: 1, machine: 'laptop' }]);
    expect((await queue.results()).get('mine')?.attempts).toMatchObject([{ worker: 'laptop', outcome: 'done' }]);
  });

  test('and finds on waking the heartbeat of the desktop that it saw before: it does not take it for dead', async () => {
    await using queue = await TestQueue.open();
    await using laptop = await Laptop.open(queue.path('laptop-clock'));
    await using gate = await Gate.make(queue.path('gate'));
    const agentEnv = { GATE: gate.path };
    await queue.file({ slow: task(`${NOTE_RUN}\n${AT_THE_GATE}`) });
    const desktop = await queue.startWorker('desktop', { config: LONG_LEASE, agentEnv });
    await desktop.waitFor(isEvent('spawned'), 'the run');
    const asleep = await open(queue, laptop, { config: LONG_LEASE, agentEnv });
    await looks(asleep, 2);
    const heartbeat = (await queue.repository.refs()).get('refs/errand/workers/desktop');
    await laptop.sleep();
    await laptop.wake(NIGHT_MS);
    await looks(asleep, 3);
    expect((await queue.repository.refs()).get('refs/errand/workers/desktop')).toBe(heartbeat);
    await gate.letThrough();
    await desktop.waitFor(isEvent('recorded'), 'the result');
    await Promise.all([asleep.stop(), desktop.stop()]);

    expect(asleep.all('rescued')).toEqual([]);
    expect(await queue.runs()).toEqual([{ id: 'slow', attempt: 1, machine: 'desktop' }]);
    expect((await queue.results()).get('slow')?.attempts).toMatchObject([{ worker: 'desktop', outcome: 'done' }]);
  });

  test('beside another that sleeps too: whoever wakes first leaves the other its task', async () => {
    await using queue = await TestQueue.open();
    await using first = await Laptop.open(queue.path('first-clock'));
    await using second = await Laptop.open(queue.path('second-clock'));
    await using gate = await Gate.make(queue.path('gate'));
    const agentEnv = { GATE: gate.path };
    await queue.file({ slow: task(`${NOTE_RUN}\n${AT_THE_GATE}`) });
    const busy = await open(queue, second, { machine: 'second', config: LONG_LEASE, agentEnv });
    await busy.waitFor(isEvent('spawned'), 'the run');
    const idle = await open(queue, first, { machine: 'first', config: LONG_LEASE, agentEnv });
    await looks(idle, 2);
    await Promise.all([first.sleep(), second.sleep()]);
    await first.wake(NIGHT_MS);
    await looks(idle, 3);
    await second.wake(NIGHT_MS);
    await busy.waitFor(isEvent('thawed'), 'the attempt goes on');
    await gate.letThrough();
    await busy.waitFor(isEvent('recorded'), 'the result');
    await Promise.all([idle.stop(), busy.stop()]);

    expect([...idle.all('rescued'), ...busy.all('rescued')]).toEqual([]);
    expect(await queue.runs()).toEqual([{ id: 'slow', attempt: 1, machine: 'second' }]);
  });
});

describe.skipIf(missing !== null && process.env.CI !== 'true')(title.replace('sleeps', 'has its clock set'), () => {
  test.each([
    ['forward', DAY_MS],
    ['back', -DAY_MS],
  ])('%s by a day takes nobody for dead, loses nothing, and tries again when it would have', async (_, byMs) => {
    await using queue = await TestQueue.open();
    await using laptop = await Laptop.open(queue.path('laptop-clock'));
    await using gate = await Gate.make(queue.path('gate'));
    const options = { config: LONG_LEASE, agentEnv: { GATE: gate.path } };
    await queue.file({ theirs: task(`${NOTE_RUN}\n${AT_THE_GATE}`) });
    const desktop = await queue.startWorker('desktop', options);
    await desktop.waitFor(isEvent('spawned', 'theirs'), 'the run on the desktop');
    const failsOnce = `${NOTE_RUN}\n[ "$ERRAND_ATTEMPT" = 2 ]`;
    await queue.file({ ours: task(`${NOTE_RUN}\n${AT_THE_GATE}`), again: task(failsOnce, 'machine: laptop') });
    const worker = await open(queue, laptop, { ...options, slots: 2 });
    await worker.waitFor(isEvent('spawned', 'ours'), 'the run on the laptop');
    await worker.waitFor(isEvent('retrying', 'again'), 'the failed attempt');

    laptop.setClock(byMs);
    await Promise.all([looks(worker, 2), looks(desktop, 2)]);
    // Ten seconds are to pass before the second try, by whatever clock.
    await laptop.sleep();
    await laptop.wake(15_000);
    await worker.waitFor(isEvent('recorded', 'again'), 'the second try');
    await gate.letThrough(2);
    await Promise.all([
      worker.waitFor(isEvent('recorded', 'ours'), 'the result of the laptop'),
      desktop.waitFor(isEvent('recorded', 'theirs'), 'the result of the desktop'),
    ]);
    await Promise.all([worker.stop(), desktop.stop()]);

    for (const one of [worker, desktop]) expect([...one.all('rescued'), ...one.all('frozen')]).toEqual([]);
    expect((await queue.runs()).toSorted(byId)).toEqual([
      { id: 'again', attempt: 1, machine: 'laptop' },
      { id: 'again', attempt: 2, machine: 'laptop' },
      { id: 'ours', attempt: 1, machine: 'laptop' },
      { id: 'theirs', attempt: 1, machine: 'desktop' },
    ]);
    const results = await queue.results();
    expect([...results.keys()].sort()).toEqual(['again', 'ours', 'theirs']);
    // Its clock was another one indeed.
    const aheadMs = Date.parse(results.get('ours')?.finished_at ?? '') - Date.parse(results.get('theirs')?.finished_at ?? '');
    expect(Math.sign(aheadMs) === Math.sign(byMs) && Math.abs(aheadMs) > DAY_MS / 2).toBe(true);
  });
});

function open(queue: TestQueue, laptop: Laptop, options: Partial<WorkerProcessOptions>): Promise<WorkerProcess> {
  const { launcher, env } = laptop;
  return queue.startWorker(options.machine ?? 'laptop', { ...options, launcher, env: { ...queue.env, ...env } });
}

function byId(a: Run, b: Run): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : a.attempt - b.attempt;
}

/** Waits until a worker has looked at the queue so many times more. */
async function looks(worker: WorkerProcess, times: number): Promise<void> {
  const before = worker.all('polled').length;
  await worker.waitFor(() => worker.all('polled').length >= before + times, `${times} looks`);
}

/** How far the agent has counted. */
async function countIn(queue: TestQueue): Promise<number> {
  return (await readFile(queue.path('count'), 'utf8').catch(() => '')).length;
}
