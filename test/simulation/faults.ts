/** How often what goes wrong, from 0 to 1 for each occasion, and for how long. All of it ends at `untilMs` of virtual time. */
export interface Faults {
  untilMs: number;
  /** Of each request over the network. */
  slow: number;
  unreachable: number;
  cutOff: number;
  halfFetch: number;
  tornFetch: number;
  pushNeverArrives: number;
  answerLost: number;
  appliedLate: number;
  tornPush: number;
  refusedForNow: number;
  /** Of each request to the disk or the network: the worker dies there, or the machine loses power. */
  crash: number;
  powerCut: number;
  /** Of each minute of each machine. */
  asleep: number;
  clockJump: number;
  diskFull: number;
  damage: number;
  /** Of each minute of the remote. */
  outage: number;
  /** Of each minute of the people. */
  edit: number;
  remove: number;
  retry: number;
  /** Of each attempt. */
  failure: number;
}

export type FaultKind = Exclude<keyof Faults, 'untilMs'>;

export const CALM: Faults = {
  untilMs: 0,
  slow: 0,
  unreachable: 0,
  cutOff: 0,
  halfFetch: 0,
  tornFetch: 0,
  pushNeverArrives: 0,
  answerLost: 0,
  appliedLate: 0,
  tornPush: 0,
  refusedForNow: 0,
  crash: 0,
  powerCut: 0,
  asleep: 0,
  clockJump: 0,
  diskFull: 0,
  damage: 0,
  outage: 0,
  edit: 0,
  remove: 0,
  retry: 0,
  failure: 0,
};

export const ROUGH: Faults = {
  untilMs: 15 * 60_000,
  slow: 0.05,
  unreachable: 0.04,
  cutOff: 0.015,
  halfFetch: 0.03,
  tornFetch: 0.1,
  pushNeverArrives: 0.05,
  answerLost: 0.08,
  appliedLate: 0.08,
  tornPush: 0.03,
  refusedForNow: 0.02,
  crash: 0.004,
  powerCut: 0.001,
  asleep: 0.02,
  clockJump: 0.02,
  diskFull: 0.01,
  damage: 0.01,
  outage: 0.01,
  edit: 0.05,
  remove: 0.03,
  retry: 0.05,
  failure: 0.15,
};
