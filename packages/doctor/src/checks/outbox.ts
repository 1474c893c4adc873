import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Check, CheckContext } from '../check.ts';
import { type Found, ok } from '../finding.ts';

/** Younger ones are on their way. */
const LATE_MS = 5 * 60_000;

/** Have tasks that were filed here reached the queue, and notifications people. */
export const outbox: Check = {
  name: 'outbox',
  limitMs: 60_000,
  look: async (context) => {
    if (context.queueDir === null) return [];
    const found = [...(await lookAtTasks(context)), ...(await lookAtNotifications(context.queueDir))];
    return found.length > 0 ? found : ok('nothing waits to be sent');
  },
};

async function lookAtTasks({ queueDir, now, view }: CheckContext): Promise<Found[]> {
  const { Outbox } = await import('@errand/queue');
  const pending = await new Outbox(join(queueDir ?? '', 'outbox')).pending();
  const late = pending.filter(({ createdAt }) => now() - Date.parse(createdAt) > LATE_MS);
  if (late.length === 0) return [];
  return [
    {
      state: 'warning',
      what: `${late.length === 1 ? 'a task' : `${late.length} tasks`} filed here did not reach the queue: ${late
        .slice(0, 5)
        .map(({ id }) => id)
        .join(', ')}`,
      why: 'the remote was away, or does not take them',
      remedy: 'Send them now, and see why not where they stay:',
      command: 'errand doctor --fix',
      repair: async () => {
        const look = await view();
        if (look === null || !look.ok) return { ok: false, why: look?.message ?? 'the queue is not asked (--offline)' };
        const sent = await look.queue.flushOutbox();
        if (!sent.ok) return { ok: false, why: sent.cause.message };
        return { ok: true, did: `sent ${late.map(({ id }) => id).join(', ')}` };
      },
    },
  ];
}

async function lookAtNotifications(queueDir: string): Promise<Found[]> {
  const names = await readdir(join(queueDir, 'notifications')).catch(() => []);
  const waiting = names.filter((name) => name.endsWith('.json') && !name.startsWith('settled')).length;
  if (waiting === 0) return [];
  return [
    {
      state: 'note',
      what: `${waiting === 1 ? 'one notification waits' : `${waiting} notifications wait`} to be sent`,
      why: 'the server of ntfy did not take them; the worker tries again by itself',
    },
  ];
}
