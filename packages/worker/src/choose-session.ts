import { randomUUID } from 'node:crypto';
import type { Agent, SessionRequest } from '@errand/agents';
import type { AttemptEntry, Outcome } from '@errand/task';
import type { WorkerContext } from './context.ts';
import type { ClaimedWork } from './held.ts';
import type { SessionMemory } from './sessions.ts';

/** The session that an attempt has, and what this machine remembers of it. */
export interface ChosenSession {
  request: SessionRequest;
  /** Null for a session that begins. */
  memory: SessionMemory | null;
  reportedUsd: number | null;
}

/** Goes on with the session that the record names, where this machine has it; else begins one. */
export async function chooseSession(
  worker: Pick<WorkerContext, 'machine' | 'sessions'>,
  agent: Agent,
  { record, blob }: ClaimedWork,
  id: string,
): Promise<ChosenSession> {
  const asked = record.next?.session;
  const last = record.attempts.at(-1);
  if (agent.resumable && asked?.worker === worker.machine.machine && last !== undefined) {
    const memory = await worker.sessions.recall(asked.id, { id, blob, agent: agent.name });
    const why = reasonOf(last);
    if (memory !== null && why !== null) {
      const { reportedUsd } = memory;
      return { request: { kind: 'resumed', id: asked.id, why, reportedUsd }, memory, reportedUsd };
    }
  }
  return freshSession();
}

/** A session that begins, under an id of our own. */
export function freshSession(): ChosenSession {
  return { request: { kind: 'fresh', id: randomUUID() }, memory: null, reportedUsd: null };
}

type Why = Extract<SessionRequest, { kind: 'resumed' }>['why'];
const REASONS: readonly Outcome[] = [
  'timed-out',
  'stalled',
  'lost',
  'stopped',
  'rate-limited',
  'unavailable',
  'auth',
] satisfies Why[];

function reasonOf({ outcome }: AttemptEntry): Why | null {
  return REASONS.includes(outcome) ? (outcome as Why) : null;
}
