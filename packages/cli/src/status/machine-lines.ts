import type { View } from '@errand/planner';
import type { Heartbeat } from '@errand/task';

/** A machine, by its last heartbeat and by the queue's file. */
export interface MachineLine {
  name: string;
  /** Its heartbeat is younger than its ttl. */
  online: boolean;
  /** When it was last heard of (ISO 8601, UTC, by its own clock); null where it never was. */
  heard_at: string | null;
  /** `stopped`: it ended cleanly. `lost`: it fell silent, and its tasks were freed. `silent`: it fell silent. `never`: it was never heard of. */
  state: 'running' | 'silent' | 'stopped' | 'lost' | 'never';
  /** Of errand there; null where it was never heard of. */
  version: string | null;
  slots: number;
  /** Ids of the tasks that it runs. */
  running: string[];
  capabilities: string[];
  /** The agents that its last heartbeat announced, by name; a pause only while it lasts. */
  agents: AgentLine[];
}

/** An agent of a machine, and until when (ISO 8601, UTC) it is not used there. */
export interface AgentLine {
  name: string;
  paused_until: string | null;
  /** Why, for people. */
  reason: string | null;
}

/** Those that the queue's file lists as workers. */
type ListedMachines = { readonly [name: string]: { capabilities: readonly string[]; worker: boolean } };

/** Every machine that has a heartbeat or that the queue's file lists as a worker, by name. */
export async function describeMachines(view: View, listed: ListedMachines, nowMs: number): Promise<MachineLine[]> {
  const { isOnline } = await import('@errand/planner');
  const workers = Object.entries(listed).flatMap(([name, { worker }]) => (worker ? [name] : []));
  const names = [...new Set([...view.workers.keys(), ...workers])].sort();
  return names.map((name) => {
    const beat = view.workers.get(name)?.value;
    const online = beat !== undefined && isOnline(beat, nowMs);
    const claims = [...view.records.values()].flatMap(({ value }) =>
      value.state === 'claimed' && value.worker === name ? [value.id] : [],
    );
    const named = Object.hasOwn(listed, name) ? (listed[name]?.capabilities ?? []) : [];
    return {
      name,
      online,
      heard_at: beat?.at ?? null,
      state: describeState(beat, online),
      version: beat?.version ?? null,
      slots: beat?.slots ?? 0,
      running: claims.sort(),
      capabilities: [...new Set([...(beat?.capabilities ?? []), ...named])],
      agents: describeAgents(beat, nowMs),
    };
  });
}

function describeState(beat: Heartbeat | undefined, online: boolean): MachineLine['state'] {
  switch (beat?.state) {
    case 'running':
      return online ? 'running' : 'silent';
    case 'stopped':
      return 'stopped';
    case 'tombstone':
      return 'lost';
    case undefined:
      return 'never';
  }
}

function describeAgents(beat: Heartbeat | undefined, nowMs: number): AgentLine[] {
  const agents = Object.entries(beat?.agents ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return agents.map(([name, { paused_until: until, reason }]) => {
    const isPaused = until !== undefined && Date.parse(until) > nowMs;
    return { name, paused_until: isPaused ? until : null, reason: isPaused ? (reason ?? null) : null };
  });
}
