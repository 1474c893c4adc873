import type { View } from '@errand/planner';
import type { Queue } from '@errand/queue';
import { parseResult } from '@errand/task';
import { oneLine } from '../table.ts';

/**
 * That the newest log of a task on this machine is of an earlier attempt than the last one, by the queue as it was last seen; null
 * where nothing speaks for that. Nobody is asked. `me` is this machine.
 */
export async function describeLaterAttempt(queue: Queue, id: string, me: string): Promise<string | null> {
  const view = await queue.readLastView();
  const last = view === null ? null : await findLastAttempt(queue, view, id);
  if (last === 'unread')
    return `its result is not on this machine: a later attempt may have run elsewhere. See errand show ${id}`;
  if (last === null || last.worker === me) return null;
  const { attempt, verb, worker } = last;
  return `this is an earlier attempt: attempt ${attempt} ${verb} on ${oneLine(worker)}. See errand logs ${id} --attempt ${attempt}`;
}

interface LastAttempt {
  attempt: number;
  worker: string;
  verb: 'ran' | 'runs';
}

async function findLastAttempt(queue: Queue, view: View, id: string): Promise<LastAttempt | 'unread' | null> {
  const record = view.records.get(id)?.value;
  if (record && record.state !== 'waiting') {
    const { attempt, worker, state } = record;
    return { attempt, worker, verb: state === 'claimed' ? 'runs' : 'ran' };
  }
  const file = view.results.get(id);
  // Not by `readBlob`, which asks the remote for what is missing.
  const object = file ? await queue.port.read(file.blob) : null;
  if (file && !object) return 'unread';
  const result = file && object ? parseResult(file.path, object.content.toString('utf8')) : null;
  const last = (result?.ok ? result.value.attempts : record?.attempts)?.at(-1);
  return last ? { attempt: last.attempt, worker: last.worker, verb: 'ran' } : null;
}
