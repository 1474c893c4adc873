import { seededRandom } from './scheduler.ts';

/** How often what goes wrong, from 0 to 1 for each occasion. */
const ROUGH = {
  // Of each request over the network.
  slow: 0.05,
  unreachable: 0.04,
  cutOff: 0.015,
  halfFetch: 0.03,
  tornFetch: 0.1,
  lostObject: 0.004,
  pushNeverArrives: 0.05,
  answerLost: 0.08,
  appliedLate: 0.08,
  tornPush: 0.03,
  refusedForNow: 0.02,
  // Of each request to the disk or the network: the worker dies there, or the machine loses power.
  crash: 0.004,
  powerCut: 0.001,
  // Of each minute of each machine: all of it stands still, its worker alone does, its heartbeats alone do not arrive, its clock jumps, and so on.
  asleep: 0.02,
  stalled: 0.015,
  beatsLost: 0.01,
  clockJump: 0.02,
  diskFull: 0.01,
  damage: 0.01,
  // Of each minute of the remote: it is away, or takes no commits of workers.
  outage: 0.01,
  closed: 0.01,
  // Of each minute of the people.
  edit: 0.05,
  editOn: 0.03,
  remove: 0.03,
  readd: 0.03,
  rename: 0.02,
  retry: 0.05,
  takeRetryBack: 0.2,
  moveBack: 0.01,
  moveForward: 0.1,
  // Of each run: another machine comes with a name that is taken.
  twin: 0.1,
  // Of each attempt: it fails, its agent stands still for longer than a lease, its answer is what the server does not take.
  failure: 0.15,
  agentStill: 0.02,
  secret: 0.04,
};

export type FaultKind = keyof typeof ROUGH;

export const FAULT_KINDS = Object.keys(ROUGH) as FaultKind[];

/** How often each thing goes wrong in one run. All of it ends at `untilMs` of virtual time. */
export type Faults = { [kind in FaultKind]: number } & { untilMs: number };

export const ROUGH_UNTIL_MS = 15 * 60_000;
/** Most often as it is, and by turns never or thrice as often: what one fault hides may show where it never strikes. */
const SHARES = [0, 0.3, 1, 1, 1, 3];
const MOST = 0.6;

export function calm(): Faults {
  return { ...(Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as { [kind in FaultKind]: number }), untilMs: 0 };
}

/** The weather of one seed: each kind of fault by its own chance, so that one that is taken out leaves the others as they are. */
export function rough(seed: number): Faults {
  const faults = { ...ROUGH, untilMs: ROUGH_UNTIL_MS };
  for (const [at, kind] of FAULT_KINDS.entries()) {
    const random = seededRandom(Math.imul(seed + 1, 2_654_435_761) ^ Math.imul(at + 1, 40_503));
    faults[kind] = Math.min(MOST, ROUGH[kind] * (SHARES[Math.floor(random() * SHARES.length)] as number));
  }
  return faults;
}
