/** Who is killed: a worker that is started again, a worker that stays away (another machine finishes), git, or the agent. */
export const VICTIMS = ['worker', 'worker for good', 'git', 'agent'] as const;
export type Victim = (typeof VICTIMS)[number];

/** What the struck attempt does. */
export type Story =
  /** Runs and ends. */
  | 'plain'
  /** Runs until it is let go. */
  | 'held'
  /** The same, longer than a heartbeat; points are counted from its first output. */
  | 'long'
  /** Runs out of its time, goes back to the queue, and ends the second time. */
  | 'retried'
  /** Ends while the branch moves, so that its fold fails and it is parked. */
  | 'parked';

/** How the processes are made to meet their end there. */
export type Blow =
  /** At an event of the worker, synchronously. */
  | { at: string }
  /** In a git command, at an event of the worker: not sent, or applied and never answered. */
  | { at: string; git: 'push' | 'fetch'; when: 'before' | 'after' };

/** The outcomes of all attempts in the result. */
export type Expected = readonly string[];

export interface Point {
  name: string;
  story: Story;
  /** What is done to each victim; one that is not there at this point is left out. */
  blows: { readonly [victim in Victim]?: Blow };
  /** What the result then says. */
  expected: { readonly [victim in Victim]?: Expected };
}

const DONE = ['done'];
const LOST = ['lost', 'done'];
const FAILED = ['failed'];
const AGAIN = ['timed-out', 'done'];

function pushPoints(purpose: string, story: Story, expected: { unsent: Point['expected']; applied: Point['expected'] }): Point[] {
  const start = `push-started:${purpose}#1`;
  const end = `push-ended:${purpose}#1`;
  const git = (when: 'before' | 'after'): Blow => ({ at: start, git: 'push', when });
  const alive = (at: string): Point['blows'] => (story === 'long' ? { agent: { at } } : {});
  return [
    {
      name: `${purpose}: not sent`,
      story,
      blows: { worker: { at: start }, 'worker for good': { at: start }, git: git('before'), ...alive(start) },
      expected: expected.unsent,
    },
    {
      name: `${purpose}: applied, no answer`,
      story,
      blows: { worker: git('after'), 'worker for good': git('after'), git: git('after') },
      expected: expected.applied,
    },
    {
      name: `${purpose}: answered`,
      story,
      blows: { worker: { at: end }, 'worker for good': { at: end }, git: { at: end }, ...alive(end) },
      expected: expected.applied,
    },
  ];
}

/**
 * A point where the worker emits an event. One that stays away is struck only where the remote or its journal are not as they were at
 * the point before: nobody else could tell these apart. `git`: what runs in the background, the reader of objects.
 */
function eventPoint(
  name: string,
  at: string,
  worker: Expected,
  { away, git, agent, story = 'plain' }: { away?: Expected; git?: true; agent?: true; story?: Story } = {},
): Point {
  return {
    name,
    story,
    blows: {
      worker: { at },
      ...(away && { 'worker for good': { at } }),
      ...(git && { git: { at } }),
      ...(agent && { agent: { at } }),
    },
    expected: { worker, ...(away && { 'worker for good': away }), ...(git && { git: DONE }), ...(agent && { agent: FAILED }) },
  };
}

/** A life of one attempt from its claim to its result, and every point in it at which something is killed. */
export const POINTS: readonly Point[] = [
  ...pushPoints('heartbeat', 'plain', {
    unsent: { worker: DONE, 'worker for good': DONE, git: DONE },
    applied: { worker: DONE, 'worker for good': DONE, git: DONE },
  }),
  ...pushPoints('claim', 'plain', {
    unsent: { worker: DONE, 'worker for good': DONE, git: DONE },
    applied: { worker: DONE, 'worker for good': LOST, git: DONE },
  }),
  {
    name: 'verify: not fetched',
    story: 'plain',
    blows: {
      worker: { at: 'claimed#1', git: 'fetch', when: 'before' },
      git: { at: 'claimed#1', git: 'fetch', when: 'before' },
    },
    expected: { worker: DONE, git: DONE },
  },
  {
    name: 'verify: fetched',
    story: 'plain',
    blows: {
      worker: { at: 'claimed#1', git: 'fetch', when: 'after' },
      'worker for good': { at: 'claimed#1', git: 'fetch', when: 'after' },
      git: { at: 'claimed#1', git: 'fetch', when: 'after' },
    },
    expected: { worker: DONE, 'worker for good': LOST, git: DONE },
  },
  eventPoint('verified', 'verified', DONE, { git: true }),
  eventPoint('prepared, not in the journal', 'prepared', DONE),
  eventPoint('in the journal, spawned', 'spawned', LOST, { away: LOST, git: true, agent: true, story: 'held' }),
  eventPoint('first output', 'agent:output', LOST, { agent: true, story: 'held' }),
  ...pushPoints('heartbeat', 'long', {
    unsent: { worker: LOST, 'worker for good': LOST, git: DONE, agent: FAILED },
    applied: { worker: LOST, 'worker for good': LOST, git: DONE, agent: FAILED },
  }).map((point) => ({ ...point, name: `running, ${point.name}` })),
  eventPoint('exit', 'agent:exited', LOST),
  eventPoint('outcome, not in the journal', 'ended', LOST),
  eventPoint('outcome in the journal', 'journaled', DONE, { away: LOST, git: true }),
  ...pushPoints('release', 'retried', {
    unsent: { worker: AGAIN, 'worker for good': LOST, git: AGAIN },
    applied: { worker: AGAIN, 'worker for good': AGAIN, git: AGAIN },
  }),
  ...pushPoints('park', 'parked', {
    unsent: { worker: DONE, 'worker for good': LOST, git: DONE },
    applied: { worker: DONE, 'worker for good': DONE, git: DONE },
  }),
  ...pushPoints('fold', 'plain', {
    unsent: { worker: DONE, 'worker for good': LOST, git: DONE },
    applied: { worker: DONE, 'worker for good': DONE, git: DONE },
  }),
  eventPoint('recorded', 'recorded', DONE, { away: DONE }),
];
