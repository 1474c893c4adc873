import type { View } from '@errand/planner';
import type { Heartbeat } from '@errand/task';

/**
 * What is known of a machine's worker from its last heartbeat, by two wall clocks that are trusted for display alone.
 *
 * `silent`: it did not say goodbye, and its heartbeat is older than its ttl. `given-up`: it was silent for so long that others
 * took over what it ran. `unseen`: there is no heartbeat. `unreadable`: there is one that this version cannot read.
 */
export type Presence = 'online' | 'silent' | 'stopped' | 'given-up' | 'unseen' | 'unreadable';

/** A machine, by its last heartbeat and by the queue's file. Times are ISO 8601, UTC; null is nobody knows. */
export interface MachineLine {
  name: string;
  presence: Presence;
  /** Its heartbeat is younger than its ttl. */
  online: boolean;
  /** When it last said something, by its own clock. */
  seen_at: string | null;
  /** 0 where nothing was ever heard of it. */
  slots: number;
  /** Ids of the tasks that it runs. */
  running: string[];
  capabilities: string[];
  /** Of its errand. */
  version: string | null;
  /** Those that its last heartbeat announced, by name. */
  agents: AgentLine[];
}

/** An agent of a machine; for as long as it is not used there, until when and why. */
export interface AgentLine {
  name: string;
  version: string | null;
  paused_until: string | null;
  /** For people. */
  reason: string | null;
}

/** What the queue's file says of machines. */
type Listed = { readonly [name: string]: { readonly capabilities: readonly string[] } };

/** Every machine that has a heartbeat or that the queue's file lists, by name. */
export async function describeMachines(view: View, listed: Listed, nowMs: number): Promise<MachineLine[]> {
  const { isOnline } = await import('@errand/planner');
  const { workerRef } = await import('@errand/queue');
  const prefix = workerRef('');
  const unreadable = [...view.unreadable.keys()].flatMap((ref) => (ref.startsWith(prefix) ? [ref.slice(prefix.length)] : []));
  const names = [...new Set([...Object.keys(listed), ...view.workers.keys(), ...unreadable])].sort();
  return names.map((name) => {
    const beat = view.workers.get(name)?.value;
    const named = Object.hasOwn(listed, name) ? (listed[name]?.capabilities ?? []) : [];
    const online = beat !== undefined && isOnline(beat, nowMs);
    return {
      name,
      presence: unreadable.includes(name) ? 'unreadable' : presenceOf(beat, online),
      online,
      seen_at: beat?.at ?? null,
      slots: beat?.slots ?? 0,
      running: [...view.records.values()]
        .flatMap(({ value }) => (value.state === 'claimed' && value.worker === name ? [value.id] : []))
        .sort(),
      capabilities: [...new Set([...(beat?.capabilities ?? []), ...named])],
      version: beat?.version ?? null,
      agents: describeAgents(beat, nowMs),
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

function describeAgents(beat: Heartbeat | undefined, nowMs: number): AgentLine[] {
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
