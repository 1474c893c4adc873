import { describe, expect, test } from 'vitest';
import type { AgentEnd } from '../agent.ts';
import { RECORDED_VERSIONS, readFixture } from '../rig/claude/fixture.ts';
import { replay } from '../rig/claude/replay.ts';
import { sumSpent } from './spending.ts';

/** How each recorded run is judged, whatever the version; `cause` is how it begins. */
const JUDGEMENTS: readonly [name: string, outcome: AgentEnd['outcome'], cause: string | undefined, rest?: Partial<AgentEnd>][] = [
  ['done-with-tool', 'done', undefined, { answer: 'It is written.', exitCode: 0 }],
  ['another-after-denial', 'refused', 'not permitted: Bash (npm test); policy', { answer: 'There is nothing to test.' }],
  ['done-without-streaming', 'done', undefined, { answer: 'All of it, after all.' }],
  ['unauthorized', 'auth', 'the service answered 401: ', { exitCode: 1 }],
  ['forbidden', 'auth', 'the service answered 403: '],
  ['not-logged-in', 'auth', 'no login: '],
  ['credit-too-low', 'auth', 'the account cannot pay: '],
  ['bad-request', 'failed', 'the service answered 400: '],
  ['unknown-model', 'failed', 'the service knows no such model: '],
  ['prompt-too-long', 'failed', 'the prompt is too long for the model: '],
  ['rate-limited', 'rate-limited', 'the service answered 429: '],
  ['limited', 'rate-limited', 'the service answered 429 (limit five_hour): '],
  [
    'limited-until',
    'rate-limited',
    'the service answered 429 (limit five_hour): ',
    { evidence: { kind: 'limit', resetsAt: Date.UTC(2100, 0, 1) } },
  ],
  ['overloaded', 'unavailable', 'the service answered 529: '],
  ['server-error', 'unavailable', 'the service answered 500: '],
  ['connection-refused', 'unavailable', 'no answer from the service: '],
  ['connection-reset', 'unavailable', 'no answer from the service: '],
  ['timed-out-hanging', 'timed-out', 'ran longer than its timeout', { answer: '(no answer)' }],
  ['dies-mid-stream', 'unavailable', 'no answer from the service: '],
  ['empty-answer', 'failed', 'ended with an empty answer', { exitCode: 0, answer: '(no answer)' }],
  ['denied', 'refused', 'not permitted: Bash (npm test); policy.permissions', { exitCode: 0, answer: 'I was not allowed to.' }],
  ['planning-only', 'refused', 'not permitted: Write (/place/work/hello.txt); policy.permissions'],
  ['turn-limit', 'failed', 'stopped at the limit of turns', { evidence: { kind: 'capability' } }],
  ['refusal', 'refused', 'the model refused to answer'],
  ['out-of-tokens', 'failed', 'Claude Code ended with an error: ', { answer: 'Once upon a' }],
  ['killed-in-tool', 'failed', 'ended without a result (killed by SIGKILL)', { answer: 'First I wait.' }],
  ['resumed', 'done', undefined, { answer: 'Now it is finished.' }],
  ['resumed-again', 'done', undefined, { answer: 'Still finished.' }],
  ['session-not-found', 'lost', 'cannot go on with the session ', { giveBack: true }],
];

describe.each(RECORDED_VERSIONS)('a recorded run of Claude Code %s', (version) => {
  test.each(JUDGEMENTS)('that was %s is %s', (name, outcome, cause, rest = {}) => {
    const { judged } = replay(version, name);
    expect(judged).toMatchObject({ outcome, ...rest });
    if (cause === undefined) expect(judged).not.toHaveProperty('cause');
    else expect(judged.cause?.slice(0, cause.length)).toBe(cause);
    if (rest.evidence === undefined) expect(judged).not.toHaveProperty('evidence');
    expect(judged.answer.trim()).not.toBe('');
  });

  test('means the same however its output is cut into chunks', () => {
    expect(replay(version, 'done-with-tool', { chunkCharacters: 7 })).toEqual(replay(version, 'done-with-tool'));
  });

  test('tells what happened', () => {
    const { progress } = replay(version, 'done-with-tool');
    expect(progress.filter(({ type }) => type !== 'spent')).toEqual([
      {
        type: 'session',
        session: readFixture(version, 'done-with-tool').session.id,
        model: expect.stringContaining('haiku'),
        version,
      },
      { type: 'says', text: 'I write it.' },
      { type: 'calls-tool', tool: 'Write', about: 'hello.txt' },
      { type: 'tool-answered', tool: 'Write', ok: true, text: expect.stringContaining('hello.txt') },
      { type: 'says', text: 'It is written.' },
    ]);
  });

  test('tells that it tries again', () => {
    const { progress } = replay(version, 'overloaded');
    const waits = progress.filter(({ type }) => type === 'waits');
    expect(waits).toEqual([
      { type: 'waits', text: expect.stringMatching(/^the service answered 529 \(overloaded\); try 1 of 1, in 0\.\d s$/) },
    ]);
  });

  test('is accounted for by what the CLI said', () => {
    const { entry, reportedUsd } = replay(version, 'done-with-tool').judged;
    expect(entry).toEqual({
      session: readFixture(version, 'done-with-tool').session.id,
      model: expect.stringContaining('haiku'),
      turns: 2,
      cost_usd: version === '2.1.328' ? 0.000278 : 0.00278,
      tokens: { input: 2000, output: 100, cache_read: 300, cache_write: 200 },
    });
    expect(reportedUsd).toBe(entry?.cost_usd);
  });

  test('spends, as it goes, what its result then says: no answer counts twice, in however many events it came', () => {
    const { judged, progress } = replay(version, 'done-with-tool');
    const { output: _, ...read } = judged.entry?.tokens ?? { output: 0 };
    expect(sumSpent(progress).tokens).toMatchObject(read);
  });

  test.each(['resumed', 'resumed-again'])('that was %s has turns of its own', (name) => {
    expect(replay(version, name).judged.entry?.turns).toBe(1);
  });

  test('that died is accounted for by what was heard, as an estimate, and leaves its session', () => {
    const { judged, progress } = replay(version, 'killed-in-tool');
    const { costUsd, tokens } = sumSpent(progress);
    expect(judged.entry).toEqual({
      session: readFixture(version, 'killed-in-tool').session.id,
      model: expect.stringContaining('haiku'),
      cost_usd: costUsd,
      cost_estimated: true,
      tokens,
    });
    expect(tokens).toMatchObject({ input: 1000, cache_read: 0, cache_write: 0 });
    expect(costUsd).toBeGreaterThan(0);
    expect(judged).not.toHaveProperty('reportedUsd');
  });

  test('that was resumed costs what it cost itself, also where the session is reported as a whole', () => {
    const { session } = readFixture(version, 'resumed-again');
    const before = session.kind === 'resumed' ? session.reportedUsd : null;
    const { entry, reportedUsd } = replay(version, 'resumed-again').judged;
    expect(entry).toMatchObject({ session: session.id, cost_usd: before, tokens: { input: 1000, output: 50 } });
    expect(reportedUsd).toBe(version === '2.1.328' ? 2 * (before ?? 0) : before);
    expect(sumSpent(replay(version, 'resumed-again').progress).tokens.input).toBe(1000);
  });

  test('that found no session names none to go on with', () => {
    expect(replay(version, 'session-not-found').judged.entry).not.toHaveProperty('session');
  });

  test.each(['timed-out', 'stalled', 'cancelled', 'fenced'] as const)(
    'that we ended as %s is that, even with a good result',
    (endedBy) => {
      const { id } = readFixture(version, 'done-with-tool').session;
      const { judged } = replay(version, 'done-with-tool', { endedBy });
      expect(judged).toMatchObject({ outcome: endedBy, entry: { cost_usd: expect.any(Number), session: id } });
    },
  );

  test('that a shutdown ended goes back with its session', () => {
    const { session } = readFixture(version, 'killed-in-tool');
    expect(replay(version, 'killed-in-tool', { endedBy: 'shutdown' }).judged).toMatchObject({
      giveBack: true,
      entry: { session: session.id, cost_estimated: true },
    });
  });

  test.each([1, 143, null])('with a good result and exit status %s is not done', (exitCode) => {
    const signal = exitCode === null ? 'SIGKILL' : null;
    expect(replay(version, 'done-with-tool', { exitCode, signal }).judged.outcome).toBe('failed');
  });

  test('that was cut off before its result is never done', () => {
    const { stdout } = readFixture(version, 'done-with-tool').end;
    const cut = stdout.slice(0, stdout.lastIndexOf('"type":"result"'));
    expect(replay(version, 'done-with-tool', { stdout: cut }).judged).toMatchObject({
      outcome: 'failed',
      cause: 'ended without a result (exit status 0)',
    });
  });
});
