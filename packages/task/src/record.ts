import type { AttemptEntry } from './outcome.ts';
import type { Tier } from './task.ts';

/**
 * The body of `refs/errand/tasks/<id>`, spelled as it stands there.
 *
 *   (absent) ──claim──▶ claimed ──fold──▶ (absent, result on the branch)
 *                 ▲        │ └──park──▶ parked ──fold──▶ (absent)
 *                 │        ▼
 *                 └──── waiting ──sweep──▶ (absent)
 */
export type Record = ClaimedRecord | WaitingRecord | ParkedRecord;

interface Common {
  schema: 1;
  id: string;
  /** A ULID of its own for every record ever written: no two records have one SHA. */
  nonce: string;
  /** Blob of the task file that this record is about. */
  task: string;
  /** Earlier attempts, oldest first. */
  attempts: AttemptEntry[];
}

/** This worker runs this attempt. */
export interface ClaimedRecord extends Common {
  state: 'claimed';
  /** Number of the attempt that the claim is for, from 1. */
  attempt: number;
  worker: string;
  boot: string;
  /** Name of the concurrency key that the claim holds, and the oid of its ref `refs/errand/keys/<hash>`. */
  key?: { name: string; oid: string };
  tier?: Tier;
  claimed_at: string;
  /** The waiting record's `next` under which this claim was made, so that giving back restores it. */
  next?: WaitingNext;
}

export interface WaitingNext {
  /** Due when this wall clock time (ISO) has come, or … */
  retry_at?: string;
  /** … when this observer has seen the record for so many seconds. */
  wait_s?: number;
  /** The tier that a remedy asks for. */
  tier?: Tier;
  /** The agent's session that `worker` can go on with; anybody else starts afresh. */
  session?: { id: string; worker: string };
  /** Machines that should not take it now (limited or without a login), when others can. */
  not_on?: string[];
}

/** Not running, and when it may be claimed again. */
export interface WaitingRecord extends Common {
  state: 'waiting';
  /** Why, for people: `failed on pi: exit status 3`. */
  reason: string;
  next?: WaitingNext;
}

/** Finished: the result file is in the commit's tree as `result.md`; it keeps nonce and key until folded. */
export interface ParkedRecord extends Common {
  state: 'parked';
  attempt: number;
  worker: string;
  boot: string;
  key?: { name: string; oid: string };
  /** Outcome of the last attempt, and the subject line for the fold. */
  result_state: 'done' | 'failed' | 'cancelled';
  subject: string;
  finished_at: string;
}

/** An attempt that a worker has, and how far it is: for people. Numbers and settings alone, never a word of the agent's. */
export interface HeartbeatRun {
  nonce: string;
  id: string;
  attempt: number;
  started_at?: string;
  phase: 'claimed' | 'running' | 'finished';
  agent?: string;
  model?: string;
  /** Answers of a model so far. */
  turns?: number;
  /** Calls of a tool so far. */
  tool_calls?: number;
  /** When its agent was last heard; ISO 8601, UTC. */
  output_at?: string;
}

/** The body of `refs/errand/workers/<machine>`. */
export type Heartbeat = {
  schema: 1;
  machine: string;
  boot: string;
  /** `stopped`: a clean exit. `tombstone`: somebody else freed its claims. */
  state: 'running' | 'stopped' | 'tombstone';
  /** The nonces that it runs; empty unless running. */
  runs: HeartbeatRun[];
  version: string;
  slots: number;
  capabilities: string[];
  /** Agents it can run, each with its version, if it tells, and a pause if it has one. */
  agents: { [name: string]: { version?: string; paused_until?: string; reason?: string } };
  /** What a task without `agent:` gets there, where it gets one. */
  default_agent?: string;
  /** Verify lines that tasks may use there; absent where it allows every one. */
  verify_lines?: string[];
  interval_s: number;
  ttl_s: number;
  /** Display only: wall clocks decide nothing. */
  at: string;
  /** Random, so that no two beats have one SHA. */
  nonce: string;
};

/** The body of `refs/errand/keys/<hash of key>`. */
export interface KeyHold {
  schema: 1;
  key: string;
  /** The nonce of the claim that holds it. */
  nonce: string;
  id: string;
  worker: string;
}
