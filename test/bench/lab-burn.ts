import { BareRepository } from '@errand/testing';
import type { WorkerEvent } from '@errand/worker';
import { addFile, beginCommit, importInto } from '/tmp/contention/test/bench/big-queue.ts';
import { listFamily } from '/tmp/contention/test/bench/family.ts';
import { HandPusher } from '/tmp/contention/test/bench/hand-pusher.ts';
import { Stage } from '/tmp/contention/test/bench/stage.ts';
import { WorkerAtWork } from '/tmp/contention/test/bench/lab-worker.ts';

export interface Fleet {
  workers: number;
  slots: number;
  tasks: number;
  /** Whether a person with a checkout pulls and pushes meanwhile. */
  withPerson: boolean;
}

export interface BurnDown {
  /** From the tasks being on the branch to the last result being there, divided by their number. */
  msPerTask: number;
  /** Processor time of the workers and of all that they started in that time, divided by the tasks. Linux. */
  cpuMsPerTask: number;
  /** All pushes of all workers, heartbeats and failed ones too. */
  pushes: Map<string, number>;
  pushesPerTask: number;
  /** Of each task, from its being on the branch to its agent's start as its result tells it, milliseconds. */
  waitsMs: number[];
  /** How often a person had to pull and push until a commit was through: one number for each commit. */
  tries: number[];
}

/** Idle workers, each a process as a person starts it, and tasks that do nothing, all filed in one commit. */
export async function burnDown(entry: string, { workers: count, slots, tasks, withPerson }: Fleet): Promise<BurnDown> {
  using stage = await Stage.set(entry);
  const person = withPerson ? await HandPusher.clone(stage) : null;
  const machines = Array.from({ length: count }, (_, n) => stage.addMachine(`machine-${n}`, [`slots: ${slots}`]));
  const workers = await Promise.all(machines.map((machine) => WorkerAtWork.start(stage, machine)));
  try {
    const before = workers.map(({ events }) => events.length);
    const cpuBefore = measureCpu(workers);
    await fileTasks(stage, tasks);
    const [filedAt, filedAtMs] = [performance.now(), Date.now()];
    person?.begin();
    await untilAllRecorded(workers, tasks);
    const msPerTask = (performance.now() - filedAt) / tasks;
    const cpuMsPerTask = (measureCpu(workers) - cpuBefore) / tasks;
    const tries = (await person?.end()) ?? [];
    await Promise.all(workers.map((worker) => worker.untilIdle()));

    if (process.env.LAB) (await import('node:fs')).writeFileSync(process.env.LAB, JSON.stringify(workers.map((w: any) => w.told())));
    const pushes = countPushes(workers.flatMap(({ events }, n) => events.slice(before[n])));
    const sent = [...pushes.values()].reduce((sum, one) => sum + one, 0);
    const waitsMs = (await readStarts(stage)).map((startedAtMs) => startedAtMs - filedAtMs);
    if (waitsMs.length !== tasks) throw new Error(`${tasks} tasks had ${waitsMs.length} attempts`);
    return { msPerTask, cpuMsPerTask, pushes, pushesPerTask: sent / tasks, waitsMs, tries };
  } finally {
    await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
  }
}

function fileTasks(stage: Stage, tasks: number): Promise<void> {
  return importInto(stage, stage.queue, [
    `${beginCommit(`file ${tasks} tasks`, Date.now())}from refs/heads/main^0\n`,
    ...Array.from({ length: tasks }, (_, n) => addFile(`tasks/task-${n}.md`, `Do number ${n}.\n`)),
  ]);
}

/** Of these workers, their guards, and everything that they started and that has ended: milliseconds. */
function measureCpu(workers: readonly WorkerAtWork[]): number {
  return workers.flatMap(({ pid }) => listFamily(pid)).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

/** By purpose. */
function countPushes(events: readonly WorkerEvent[]): Map<string, number> {
  const pushes = new Map<string, number>();
  for (const event of events) if (event.type === 'push-ended') pushes.set(event.purpose, (pushes.get(event.purpose) ?? 0) + 1);
  return pushes;
}

/** Whoever sees the last of them ends the wait; a result may be told by the worker that ran it and by the one that recorded it. */
async function untilAllRecorded(workers: readonly WorkerAtWork[], tasks: number): Promise<void> {
  const recorded = new Set<string>();
  const isLast = (worker: WorkerAtWork): Promise<unknown> =>
    worker.waitFor((event) => {
      if (event.type === 'recorded') recorded.add(event.id);
      return recorded.size === tasks;
    });
  await Promise.any(workers.map(isLast));
}

/** When each attempt of each result on the branch began, wall clock in milliseconds. */
async function readStarts(stage: Stage): Promise<number[]> {
  const repository = new BareRepository(stage.queue, stage.env);
  const lines = await repository.git('grep', '-h', '-o', '-E', 'started_at: [-0-9T:.]+Z', 'main', '--', 'results/');
  return lines
    .trim()
    .split('\n')
    .map((line) => Date.parse(line.slice('started_at: '.length)));
}
