import type { ListedMachine } from '@errand/config';
import type { View } from '@errand/planner';
import type { Queue } from '@errand/queue';
import type { Heartbeat } from '@errand/task';
import type { Look } from '../look.ts';
import { findRemarks, type Remark } from './find-remarks.ts';

/**
 * What is known of a machine's worker from its last heartbeat, by two wall clocks that are trusted for display alone.
 *
 * `silent`: it did not say goodbye, and its heartbeat is older than its ttl. `given-up`: it was silent for so long that others
 * took over what it ran. `unseen`: there is no heartbeat. `unreadable`: there is one that this version cannot read.
 */
export type Presence = 'online' | 'silent' | 'stopped' | 'given-up' | 'unseen' | 'unreadable';

/** One machine that the queue's file lists, or that has a heartbeat. Times are ISO 8601, UTC; null is nobody knows. */
export interface MachineEntry {
  name: string;
  /** It is the machine that looks. */
  here: boolean;
  listed: boolean;
  /** False where the queue's file says that it runs no tasks. */
  worker: boolean;
  presence: Presence;
  online: boolean;
  /** When it last said something. */
  seen_at: string | null;
  slots: number | null;
  /** Ids of the tasks that it runs. */
  running: string[];
  capabilities: string[];
  /** Of its errand. */
  version: string | null;
  agents: { name: string; version: string | null; paused_until: string | null; reason: string | null }[];
  address: string | null;
  user: string | null;
  port: number | null;
}

/** What `errand machines --json` prints. */
export interface MachinesReport {
  schema: 1;
  queue: string;
  machines: MachineEntry[];
  /** What a person should look at. */
  remarks: Remark[];
  /** Why this is not the queue as it is now but as it was last seen; null where it is. */
  away: { message: string; seen_at: string | null } | null;
}

/** Works the report out of what could be seen. `me` is this machine's name. */
export async function reportMachines(queue: Queue, { view, away, seenAt }: Look, me: string): Promise<MachinesReport> {
  const { parseQueueConfig } = await import('@errand/config');
  const { readWorkerMemory } = await import('@errand/queue');
  const parsed = parseQueueConfig('config/errand.yaml', view.config?.text ?? '');
  const listed = parsed.ok ? parsed.value.machines : {};
  const machines = await describeMachines(view, listed, me, Date.now());
  return {
    schema: 1,
    queue: queue.remote,
    machines,
    remarks: findRemarks({
      machines,
      me,
      mine: await readWorkerMemory(queue.dir),
      heartbeats: view.workers,
      unreadable: view.unreadable,
      configProblems: parsed.ok ? [] : parsed.problems,
    }),
    away: away && { message: away.message, seen_at: seenAt === null ? null : new Date(seenAt).toISOString() },
  };
}

async function describeMachines(
  view: View,
  listed: { readonly [name: string]: ListedMachine },
  me: string,
  nowMs: number,
): Promise<MachineEntry[]> {
  const { isOnline } = await import('@errand/planner');
  const { workerRef } = await import('@errand/queue');
  const prefix = workerRef('');
  const unreadable = [...view.unreadable.keys()].flatMap((ref) => (ref.startsWith(prefix) ? [ref.slice(prefix.length)] : []));
  const names = [...new Set([...Object.keys(listed), ...view.workers.keys(), ...unreadable])].sort();
  return names.map((name) => {
    const beat = view.workers.get(name)?.value;
    const entry = Object.hasOwn(listed, name) ? listed[name] : undefined;
    const online = beat !== undefined && isOnline(beat, nowMs);
    return {
      name,
      here: name === me,
      listed: entry !== undefined,
      worker: entry?.worker ?? true,
      presence: unreadable.includes(name) ? 'unreadable' : presenceOf(beat, online),
      online,
      seen_at: beat?.at ?? null,
      slots: beat?.slots ?? null,
      running: [...view.records.values()]
        .flatMap(({ value }) => (value.state === 'claimed' && value.worker === name ? [value.id] : []))
        .sort(),
      capabilities: [...new Set([...(beat?.capabilities ?? []), ...(entry?.capabilities ?? [])])],
      version: beat?.version ?? null,
      agents: describeAgents(beat, nowMs),
      address: entry?.address ?? null,
      user: entry?.user ?? null,
      port: entry?.port ?? null,
    };
  });
}

function presenceOf(beat: Heartbeat | undefined, online: boolean): Presence {
  if (beat === undefined) return 'unseen';
  switch (beat.state) {
    case 'stopped':
      return 'stopped';
    case 'tombstone':
      return 'given-up';
    case 'running':
      return online ? 'online' : 'silent';
  }
}

function describeAgents(beat: Heartbeat | undefined, nowMs: number): MachineEntry['agents'] {
  const agents = Object.entries(beat?.agents ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return agents.map(([name, { version, paused_until: until, reason }]) => {
    const isPaused = until !== undefined && Date.parse(until) > nowMs;
    return {
      name,
      version: version ?? null,
      paused_until: isPaused ? until : null,
      reason: isPaused ? (reason ?? null) : null,
    };
  });
}
