import { join } from 'node:path';
import { type Heartbeat, parseHeartbeat, parseRecord, type Record } from '@errand/task';
import type { WorkerEvent } from '@errand/worker';
import { PutForward } from '../rig/put-forward.ts';
import type { Scene } from '../rig/scene.ts';
import type { WorkerProcess } from '../rig/worker-process.ts';

export const MINUTE_MS = 60_000;

/** With a subscription login: limits and missing logins are told as a subscription's are. */
export const SUBSCRIPTION = { CLAUDE_CODE_OAUTH_TOKEN: 'dummy' };

export const LOOK_OFTEN = 'poll: { interval: 1s }';

/** A task that Claude may do once: whatever counts as a try would end it. */
export const forClaude = (prompt: string, keys = ''): string =>
  `---\nagent: claude\nmodel: haiku\nretries: 0\n${keys}---\n${prompt}\n`;

/** A clock for a machine, which the test puts forward. */
export const clockFor = (scene: Scene, machine: string): PutForward => new PutForward(join(scene.folder, `clock-${machine}`));

/** Resolves once the worker has seen so many tasks and has had a whole round to claim them. */
export async function consider(worker: WorkerProcess, tasks: number): Promise<void> {
  const first = worker.events.length;
  let looks = 0;
  const isNew = (event: WorkerEvent): boolean => worker.events.indexOf(event) >= first;
  const hasThem = (event: WorkerEvent): boolean => event.type === 'polled' && event.tasks === tasks;
  await worker.waitFor((event) => isNew(event) && hasThem(event) && ++looks === 2, `two looks at ${tasks} tasks`);
}

/** What a machine announces of itself. */
export async function heartbeatOf(scene: Scene, machine: string): Promise<Heartbeat> {
  const read = parseHeartbeat(await scene.remote.repository.git('log', '-1', '--format=%B', `refs/errand/workers/${machine}`));
  if (!read.ok) throw new Error(read.reason);
  return read.value;
}

export async function recordOf(scene: Scene, id: string): Promise<Record> {
  const read = parseRecord(await scene.remote.repository.git('log', '-1', '--format=%B', `refs/errand/tasks/${id}`));
  if (!read.ok) throw new Error(read.reason);
  return read.value;
}

/** `errand status`, as a person reads it and as a program does. */
export async function statusOf(scene: Scene): Promise<{ text: string; report: StatusJson }> {
  const [text, json] = [await scene.errand('laptop', 'status'), await scene.errand('laptop', 'status', '--json')];
  return { text: text.stdout, report: JSON.parse(json.stdout) as StatusJson };
}

interface StatusJson {
  machines: { name: string; agents: { name: string; paused_until: string | null; reason: string | null }[] }[];
  tasks: { id: string; state: string; reason: string }[];
}
