export type { AttemptEntry, Outcome } from './outcome.ts';
export type { Parsed, Problem } from './problem.ts';
export type { ClaimedRecord, Heartbeat, KeyHold, ParkedRecord, Record, WaitingNext, WaitingRecord } from './record.ts';
export type { Result } from './result.ts';
export { type Task, TIERS, type Tier } from './task.ts';
