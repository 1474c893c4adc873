import {
  callTool,
  dieMidStream,
  forbidden,
  hang,
  invalidRequest,
  limited,
  overloaded,
  type Reply,
  rateLimited,
  refuse,
  reset,
  say,
  sayNothing,
  serverError,
  unauthorized,
} from '@errand/testing';

/** What becomes of a task without retries: its result, or that it waits for this machine or for others. */
type Remedy = 'done' | 'failed' | 'waits-here' | 'waits-for-others';

/** How the model, its service or the network behaves, and what that comes to; the same for each version of the CLI. */
export interface Trouble {
  steps: readonly Reply[];
  outcome: string;
  /** In the cause of the attempt. */
  cause: string;
  remedy: Remedy;
  /** Further keys of the task. */
  keys?: string;
}

const OUTSIDE = { file_path: '../outside.txt', content: 'hello' };

/** None of these concerns the machine: one worker meets them all, one after the other. Turns are limited to three. */
export const TROUBLES: { readonly [name: string]: Trouble } = {
  'a-bad-request': {
    steps: [invalidRequest()],
    outcome: 'failed',
    cause: 'the service answered 400',
    remedy: 'failed',
  },
  'an-empty-answer': { steps: [sayNothing()], outcome: 'failed', cause: 'ended with an empty answer', remedy: 'failed' },
  'a-refusal': { steps: [refuse()], outcome: 'refused', cause: 'the model refused to answer', remedy: 'failed' },
  'a-denied-command': {
    steps: [callTool('Bash', { command: 'npm install left-pad' }), say('I was not allowed to, so all is fine.')],
    outcome: 'refused',
    cause: 'not permitted: Bash (npm install left-pad)',
    remedy: 'failed',
  },
  'a-denied-place': {
    steps: [callTool('Write', OUTSIDE), say('I was not allowed to, so all is fine.')],
    outcome: 'refused',
    cause: '/outside.txt); policy.permissions of this machine decides',
    remedy: 'failed',
  },
  'a-limit-of-turns': {
    steps: [callTool('Bash', { command: 'ls' })],
    outcome: 'failed',
    cause: 'stopped at the limit of turns',
    remedy: 'failed',
  },
  'a-stream-that-dies-and-is-answered': {
    steps: [dieMidStream({ fallback: 'answers', text: 'All of it, after all.' })],
    outcome: 'done',
    cause: '',
    remedy: 'done',
  },
  'a-hang': {
    steps: [hang()],
    keys: 'timeout: 2s',
    outcome: 'timed-out',
    cause: 'ran longer than its timeout',
    remedy: 'failed',
  },
  'an-overload': { steps: [overloaded()], outcome: 'unavailable', cause: 'the service answered 529', remedy: 'waits-here' },
  'an-error-of-the-service': {
    steps: [serverError()],
    outcome: 'unavailable',
    cause: 'the service answered 500',
    remedy: 'waits-here',
  },
  'a-connection-reset': {
    steps: [reset()],
    outcome: 'unavailable',
    cause: 'no answer from the service',
    remedy: 'waits-here',
  },
  'a-stream-that-dies-twice': {
    steps: [dieMidStream({ fallback: 'dies' })],
    outcome: 'unavailable',
    cause: 'no answer from the service',
    remedy: 'waits-here',
  },
};

/** Troubles that come of the machine's own settings, of how far away the service is, or of somebody who ends the CLI. */
export const SPECIAL_TROUBLES = {
  'a-plan-only': {
    steps: [callTool('Write', { file_path: 'hello.txt', content: 'hello' }), say('I was not allowed to, so all is fine.')],
    outcome: 'refused',
    cause: '/hello.txt); policy.permissions of this machine decides',
    remedy: 'failed',
  },
  'a-silence': { steps: [hang()], outcome: 'stalled', cause: 'gave no output for too long', remedy: 'failed' },
  'a-sigkill': {
    steps: [callTool('Bash', { command: 'touch begun; tail -f /dev/null' })],
    outcome: 'failed',
    cause: 'ended without a result',
    remedy: 'failed',
  },
  'a-refused-connection': {
    steps: [],
    outcome: 'unavailable',
    cause: 'no answer from the service',
    remedy: 'waits-here',
  },
} satisfies { [name: string]: Trouble };

/** A trouble that pauses Claude on its machine: until then, or for a quarter of an hour. */
export interface PausingTrouble extends Trouble {
  about: 'login' | 'limit';
  until?: Date;
  /** Of those who pay by the month. */
  subscription?: true;
}

/** When the limit of `a-quota-with-an-end` ends; a service tells it in whole seconds. */
const LIMIT_ENDS = new Date(Math.ceil(Date.now() / 1000) * 1000 + 5 * 60 * 60_000);

export const PAUSES: { readonly [name: string]: PausingTrouble } = {
  'a-401': {
    steps: [unauthorized()],
    outcome: 'auth',
    cause: 'the service answered 401',
    remedy: 'waits-for-others',
    about: 'login',
  },
  'a-403': {
    steps: [forbidden()],
    outcome: 'auth',
    cause: 'the service answered 403',
    remedy: 'waits-for-others',
    about: 'login',
  },
  'a-429': {
    steps: [rateLimited()],
    outcome: 'rate-limited',
    cause: 'the service answered 429',
    remedy: 'waits-for-others',
    about: 'limit',
  },
  'a-quota-with-an-end': {
    steps: [limited({ resetsAt: LIMIT_ENDS })],
    outcome: 'rate-limited',
    cause: 'the service answered 429',
    remedy: 'waits-for-others',
    about: 'limit',
    until: new Date(LIMIT_ENDS.getTime() + 60_000),
    subscription: true,
  },
};
