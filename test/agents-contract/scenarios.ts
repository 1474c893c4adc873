import {
  callTool,
  creditTooLow,
  dieMidStream,
  forbidden,
  hang,
  invalidRequest,
  limited,
  overloaded,
  promptTooLong,
  rateLimited,
  refuse,
  reset,
  runOutOfTokens,
  type Step,
  say,
  sayNothing,
  serverError,
  unauthorized,
  unknownModel,
} from '@errand/testing';

/** How one run of a real CLI goes, without a word about how it is to be judged. */
export interface Scenario {
  steps: readonly Step[];
  permissions?: 'plan' | 'edits' | 'bypass';
  maxTurns?: number;
  /** Laid over the machine's environment; null takes a name away. */
  env?: Readonly<Record<string, string | null>>;
  /** Ended from outside as soon as the model was asked, or in the middle of its tool call. */
  end?: 'terminated-when-asked' | 'killed-in-tool';
  /** Goes on with the session of that scenario, or with one that is not there. */
  resumes?: ScenarioName | 'nothing';
  /** How often a broken stream is begun anew, and whether its pieces are paid for, hangs on moments. */
  spendingVaries?: true;
}

/**
 * Waits at two named pipes, which the test holds the other ends of; but first until the call itself is in the session's
 * transcript, which Claude Code writes a moment late: what a kill comes before, the session does not have.
 */
const WAIT_IN_TOOL = callTool(
  'Bash',
  {
    command: 'until grep -rqs tool_use "$CLAUDE_CONFIG_DIR/projects"; do sleep 0.05; done; echo $$ > started; read -r go < gate',
  },
  { text: 'First I wait.' },
);
const SUBSCRIPTION = { ANTHROPIC_API_KEY: null, CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-dummy' };
/** The machine's owner may say so; without it Claude Code does not skip permissions for root. */
const SKIPS_PERMISSIONS = { permissions: 'bypass', env: { IS_SANDBOX: '1' } } as const;

/** When the limit of `limited-until` ends. */
export const LIMIT_ENDS = new Date('2100-01-01T00:00:00Z');

export const SCENARIO_NAMES = [
  'done-with-tool',
  'another-after-denial',
  'done-without-streaming',
  'unauthorized',
  'forbidden',
  'not-logged-in',
  'credit-too-low',
  'bad-request',
  'unknown-model',
  'prompt-too-long',
  'rate-limited',
  'limited',
  'limited-until',
  'overloaded',
  'server-error',
  'connection-refused',
  'connection-reset',
  'timed-out-hanging',
  'dies-mid-stream',
  'empty-answer',
  'denied',
  'planning-only',
  'turn-limit',
  'refusal',
  'out-of-tokens',
  'killed-in-tool',
  'resumed',
  'resumed-again',
  'session-not-found',
] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];

export const SCENARIOS: { readonly [name in ScenarioName]: Scenario } = {
  'done-with-tool': {
    steps: [
      callTool('Write', { file_path: 'hello.txt', content: 'hello\n' }, { text: 'I write it.', usage: { cacheWrite: 200 } }),
      say('It is written.', { usage: { cacheRead: 300 } }),
    ],
  },
  'another-after-denial': {
    steps: [callTool('Bash', { command: 'npm test' }), callTool('Bash', { command: 'ls' }), say('There is nothing to test.')],
  },
  'done-without-streaming': {
    steps: [dieMidStream({ fallback: 'answers', text: 'All of it, after all.' })],
    spendingVaries: true,
  },
  unauthorized: { steps: [unauthorized()] },
  forbidden: { steps: [forbidden()] },
  'not-logged-in': { steps: [say('never')], env: { ANTHROPIC_API_KEY: null } },
  'credit-too-low': { steps: [creditTooLow()] },
  'bad-request': { steps: [invalidRequest()] },
  'unknown-model': { steps: [unknownModel('haiku')] },
  'prompt-too-long': { steps: [promptTooLong()] },
  'rate-limited': { steps: [rateLimited()] },
  limited: { steps: [limited()], env: SUBSCRIPTION },
  'limited-until': { steps: [limited({ resetsAt: LIMIT_ENDS })], env: SUBSCRIPTION },
  overloaded: { steps: [overloaded()] },
  'server-error': { steps: [serverError()] },
  // Nothing listens on the discard port of a machine of this century.
  'connection-refused': { steps: [say('never')], env: { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' } },
  'connection-reset': { steps: [reset()] },
  'timed-out-hanging': { steps: [hang()], end: 'terminated-when-asked' },
  'dies-mid-stream': { steps: [dieMidStream({ fallback: 'dies' })], spendingVaries: true },
  'empty-answer': { steps: [sayNothing()] },
  denied: { steps: [callTool('Bash', { command: 'npm test' }), say('I was not allowed to.')] },
  'planning-only': {
    steps: [callTool('Write', { file_path: 'hello.txt', content: 'hello\n' }), say('I was not allowed to.')],
    permissions: 'plan',
  },
  'turn-limit': { steps: [callTool('Bash', { command: 'ls' })], maxTurns: 2 },
  refusal: { steps: [refuse()] },
  'out-of-tokens': { steps: [runOutOfTokens('Once upon a')] },
  'killed-in-tool': { steps: [WAIT_IN_TOOL], end: 'killed-in-tool', ...SKIPS_PERMISSIONS },
  resumed: { steps: [say('Now it is finished.')], resumes: 'killed-in-tool', ...SKIPS_PERMISSIONS },
  'resumed-again': { steps: [say('Still finished.')], resumes: 'resumed', ...SKIPS_PERMISSIONS },
  'session-not-found': { steps: [say('never')], resumes: 'nothing' },
};
