import { join } from 'node:path';
import type { MachineConfig, NtfySettings } from '@errand/config';
import type { NtfyServer } from '@errand/notify';
import type { OutboxEntry, Queue } from '@errand/queue';
import type { Io } from './command.ts';
import { remark } from './remark.ts';

/** What a command of a person's has put into the queue. */
export interface Queued {
  id: string;
  title: string;
  machine: string;
}

/** How long a command waits for the ntfy server, milliseconds: the task is in the queue already. */
const PATIENCE_MS = 2_000;

/**
 * After a push to the branch: asks workers to look now, and tells people what was queued. Both are a courtesy: a server that
 * is away costs a poll's wait, is said in one line, and fails nothing.
 */
export async function announce(io: Io, machine: MachineConfig, queue: Queue, queued: readonly Queued[] = []): Promise<void> {
  const { ntfy } = machine;
  if (ntfy === null || (ntfy.wake === undefined && (queued.length === 0 || ntfy.priorities.queued === 'off'))) return;
  const server = await findServer(io, ntfy);
  const [woken] = await Promise.all([wakeWorkers(server, ntfy.wake), tellQueued(server, ntfy, queue, queued)]);
  if (woken !== null) remark(io, `workers were not woken (${woken}): they find it at their next poll`);
}

/** Loads what `announce` needs while its caller waits for the git server: a tenth of a second on the way to the workers. */
export function prepareToAnnounce({ ntfy }: MachineConfig): void {
  if (ntfy === null) return;
  // What goes wrong with it is told by whoever uses it.
  import('@errand/notify').then(({ prepareToAsk }) => prepareToAsk()).catch(() => {});
}

async function findServer(io: Io, { server: url, token }: NtfySettings): Promise<NtfyServer> {
  if (token === undefined) return { url };
  const { resolveEnvValues } = await import('@errand/config');
  const read = await resolveEnvValues({ token });
  if (read.ok) return read.env.token === undefined ? { url } : { url, token: read.env.token };
  remark(io, `ntfy.${read.causes.join('; ')}`);
  return { url };
}

/** Why they were not, or null. */
async function wakeWorkers(server: NtfyServer, topic: string | undefined): Promise<string | null> {
  if (topic === undefined) return null;
  const { publishWake } = await import('@errand/notify');
  const outcome = await publishWake(server, topic, { timeoutMs: PATIENCE_MS });
  return outcome.kind === 'sent' ? null : outcome.text;
}

/** Through the outbox that the worker of this machine sends from: what cannot be sent now is sent then. */
async function tellQueued(server: NtfyServer, ntfy: NtfySettings, queue: Queue, queued: readonly Queued[]): Promise<void> {
  if (queued.length === 0 || ntfy.priorities.queued === 'off') return;
  const { buildNotification, NotificationOutbox, publishToNtfy } = await import('@errand/notify');
  const outbox = new NotificationOutbox({
    folder: join(queue.dir, 'notifications'),
    publish: (notification) => publishToNtfy(server, notification, { timeoutMs: PATIENCE_MS }),
    clock: { elapsedMs: () => performance.now(), wallMs: () => Date.now() },
    random: Math.random,
    onEvent: () => {},
    // After an outage it may hold hundreds: what is not sent by then is sent later.
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  for (const task of queued) {
    const notification = buildNotification({ kind: 'queued', ...task }, ntfy);
    if (notification !== null) await outbox.add(notification);
  }
  await outbox.flush();
}

/** What waits in the outbox, as people are told of it. */
export async function describeEntries(entries: readonly OutboxEntry[]): Promise<Queued[]> {
  const { parseTask, taskPath } = await import('@errand/task');
  return entries.flatMap(({ id, content }) => {
    const parsed = parseTask(taskPath(id), new TextEncoder().encode(content));
    if (!parsed.ok) return [];
    const { title, machines } = parsed.value;
    return [{ id, title, machine: machines === 'any' ? machines : machines.join(', ') }];
  });
}
