import { type Heartbeat, parseHeartbeat, parseRecord, type Record } from '@errand/task';
import type { TestQueue } from '../rig/test-queue.ts';

/** The record of a task, which must have one. */
export async function readRecord(queue: TestQueue, id: string): Promise<Record> {
  const parsed = parseRecord(await readMessage(queue, `refs/errand/tasks/${id}`));
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

/** What a machine last said of itself. */
export async function readHeartbeat(queue: TestQueue, machine: string): Promise<Heartbeat> {
  const parsed = parseHeartbeat(await readMessage(queue, `refs/errand/workers/${machine}`));
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

const readMessage = (queue: TestQueue, ref: string): Promise<string> => queue.repository.git('log', '-1', '--format=%B', ref);
