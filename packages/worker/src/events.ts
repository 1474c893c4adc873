import type { AgentEvent } from '@errand/agents';
import type { Problem, Result } from '@errand/task';

/** What a push is for: the worker's own pushes, by purpose. */
export type PushPurpose = 'heartbeat' | 'claim' | 'fold' | 'park' | 'release' | 'rescue' | 'sweep' | 'tidy' | 'outbox';

/**
 * Everything that happens in a worker, in order. Terminal, log and tests listen; nothing below prints.
 * Listeners are called synchronously, so a test can end the process at exactly that point.
 */
export type WorkerEvent =
  | { type: 'started'; machine: string; boot: string; containment: string }
  /** A round of the loop begins. */
  | { type: 'looking' }
  /** A round is over; the next begins in so long at the latest. */
  | { type: 'resting'; forMs: number }
  | { type: 'polled'; tip: string | null; tasks: number; records: number }
  /** `refused`: the remote answers, and does not let this machine in. */
  | { type: 'poll-failed'; cause: string; refused: boolean; retryInMs: number }
  | { type: 'remote-back'; awayMs: number }
  | { type: 'push-started'; purpose: PushPurpose; refs: number }
  | { type: 'push-ended'; purpose: PushPurpose; ok: boolean; cause?: string }
  | { type: 'twin'; machine: string; text: string }
  | { type: 'claimed'; id: string; attempt: number; tier: string; tierReason: string }
  | { type: 'verified'; id: string; attempt: number }
  | { type: 'given-back'; id: string; why: string }
  | { type: 'prepared'; id: string; attempt: number; cwd: string }
  | { type: 'spawned'; id: string; attempt: number }
  | { type: 'agent'; id: string; event: AgentEvent }
  | { type: 'ended'; id: string; attempt: number; outcome: string; cause?: string }
  | { type: 'journaled'; id: string; attempt: number }
  | { type: 'parked'; id: string }
  | { type: 'recorded'; id: string; state: Result['state']; byMe: boolean }
  | { type: 'retrying'; id: string; reason: string }
  | { type: 'fenced'; id: string; text: string; keptAt: string | null }
  | { type: 'frozen'; id: string; why: string }
  | { type: 'thawed'; id: string }
  /** `heartbeat`: oid of the last sign of life, null where there was none. */
  | { type: 'rescued'; machine: string; ids: string[]; reason: string; heartbeat: string | null }
  | { type: 'moved-back'; ids: string[]; text: string }
  | { type: 'invalid'; path: string; blob: string; problems: readonly Problem[] }
  | { type: 'refused'; ids: string[]; text: string }
  /** An agent takes no task on this machine for a while; `again`: it was paused for the same trouble before. */
  | { type: 'paused'; agent: string; about: 'limit' | 'login'; until: string; reason: string; again: boolean }
  /** A key of the agent's has changed: its pause is over. */
  | { type: 'resumed'; agent: string }
  /** The agent has answered here. */
  | { type: 'agent-ready'; agent: string; version: string }
  | { type: 'verifying' | 'delivering'; id: string; attempt: number }
  | { type: 'notified'; key: string }
  /** The wake topic said that there may be something to do. */
  | { type: 'woken' }
  | { type: 'trouble'; duty: string; text: string }
  /** What was too old or too much is gone from this machine's disk. */
  | { type: 'kept-house'; removed: number; freedBytes: number }
  | { type: 'config-invalid'; problems: readonly Problem[] }
  | { type: 'stopping'; running: number; graceMs: number }
  /** `left`: ids that could not be given back any more; the next start of this worker does it, or their lease ends. */
  | { type: 'stopped'; exit: WorkerExit; left: string[] };

/** Why the worker's loop ended. */
export type WorkerExit = 'asked' | 'nothing-left' | 'remote-away' | 'not-let-in' | 'refused' | 'twin';

export type Listener = (event: WorkerEvent) => void;
