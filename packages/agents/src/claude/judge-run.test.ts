import { describe, expect, test } from 'vitest';
import type { AgentEnd, ProcessEnd, SessionRequest } from '../agent.ts';
import { judgeRun } from './judge-run.ts';
import { Listener } from './listener.ts';
import { LineSplitter } from './split-lines.ts';

const FRESH: SessionRequest = { kind: 'fresh', id: 'session-1' };
const INIT = { type: 'system', subtype: 'init', session_id: 'session-1', model: 'claude-opus-5-5' };
const RESULT = {
  type: 'result',
  subtype: 'success',
  is_error: false,
  result: 'All is well.',
  total_cost_usd: 0.5,
  num_turns: 3,
  permission_denials: [],
  usage: { input_tokens: 10, output_tokens: 20 },
  modelUsage: { 'claude-opus-5-5': { inputTokens: 10, outputTokens: 20, costUSD: 0.5 } },
};

function ended(of: Partial<ProcessEnd> = {}): ProcessEnd {
  return { exitCode: 0, signal: null, endedBy: null, stdout: '', stderr: '', capped: false, ...of };
}

function judge(events: readonly unknown[], end: ProcessEnd = ended(), session = FRESH): AgentEnd {
  const listener = new Listener();
  listener.hear(events.map((event) => (typeof event === 'string' ? event : JSON.stringify(event))).join('\n'));
  return judgeRun(end, listener.finish(), session);
}

function answered(id: string, tool: string, ok: boolean, input: object = { command: 'npm test' }): unknown[] {
  return [
    { type: 'assistant', message: { content: [{ type: 'tool_use', id, name: tool, input }] } },
    { type: 'user', message: { content: [{ type: 'tool_result', tool_use_id: id, is_error: !ok, content: '' }] } },
  ];
}

describe('a run', () => {
  test('with a good result and exit status 0 is done, also without a line end after the result', () => {
    expect(judge([INIT, RESULT])).toMatchObject({ outcome: 'done', answer: 'All is well.', entry: { cost_usd: 0.5, turns: 3 } });
  });

  test('whose output holds other lines, and events that nobody knows, is judged by those that are known', () => {
    expect(judge(['npm warn', '{"type":', '[]', 'null', { type: 'news' }, INIT, { type: 'system' }, RESULT]).outcome).toBe(
      'done',
    );
  });

  test('that says success in words alone is not done', () => {
    expect(judge([INIT, { ...RESULT, is_error: true }]).outcome).toBe('failed');
    expect(judge([INIT, { type: 'result', subtype: 'success', result: 'done' }]).outcome).toBe('failed');
  });

  test('is judged by its last result', () => {
    expect(judge([INIT, { ...RESULT, is_error: true }, RESULT]).outcome).toBe('done');
    expect(judge([INIT, RESULT, { ...RESULT, result: ' ' }])).toMatchObject({
      outcome: 'failed',
      cause: 'ended with an empty answer',
    });
  });

  test('that could not start says what to do', () => {
    const end = judge([], ended({ exitCode: null, spawnError: 'claude: not found' }));
    expect(end).toMatchObject({ outcome: 'failed', cause: 'cannot start: claude: not found' });
    expect(end.answer).toContain('agents.claude.bin');
  });

  test('that never came to a result is failed, with the first line of what it complained of', () => {
    const stderr = 'cannot be used with root privileges\nsee the manual\n';
    expect(judge([], ended({ exitCode: 1, stderr }))).toEqual({
      outcome: 'failed',
      cause: 'ended without a result (exit status 1): cannot be used with root privileges',
      exitCode: 1,
      answer: stderr.trim(),
      entry: {},
    });
  });

  test('whose result was too long to be read is failed and says so', () => {
    const listener = new Listener(new LineSplitter(200));
    listener.hear(`${JSON.stringify({ ...RESULT, result: 'x'.repeat(300) })}\n`);
    expect(judgeRun(ended(), listener.finish(), FRESH)).toMatchObject({
      outcome: 'failed',
      cause: expect.stringMatching(/^ended without a result \(exit status 0\); 1 line of its output could not be read/),
    });
  });

  test('that was stopped at the limit of its cost is over budget', () => {
    const result = { ...RESULT, subtype: 'error_max_budget_usd', is_error: true, result: undefined };
    expect(judge([INIT, result], ended({ exitCode: 1 })).outcome).toBe('over-budget');
  });
});

describe('a denied call', () => {
  const denied = (tool: string, input: object) => ({
    ...RESULT,
    permission_denials: [{ tool_name: tool, tool_use_id: 'a', tool_input: input }],
  });
  const npmTest = { command: 'npm test' };

  test('is overcome by a later call that did the same after all', () => {
    const calls = [
      ...answered('a', 'Bash', false),
      ...answered('b', 'Bash', true, { command: 'npm test', description: 'Run the tests again' }),
    ];
    expect(judge([INIT, ...calls, denied('Bash', { ...npmTest, description: 'Run the tests' })])).toMatchObject({
      outcome: 'done',
      cause: 'denied at first, and done later: Bash (npm test)',
    });
  });

  test.each([
    ['an earlier call', [...answered('b', 'Bash', true), ...answered('a', 'Bash', false)]],
    ['a later call that failed', [...answered('a', 'Bash', false), ...answered('b', 'Bash', false)]],
    ['a later call of another tool', [...answered('a', 'Bash', false), ...answered('b', 'Read', true)]],
    ['another command', [...answered('a', 'Bash', false), ...answered('b', 'Bash', true, { command: 'ls' })]],
    ['a call that nobody saw answered', answered('b', 'Bash', true)],
    ['an answer to a call that nobody saw', [...answered('a', 'Bash', false), ...answered('b', 'Bash', true).slice(1)]],
  ])('is not overcome by %s', (_, calls) => {
    expect(judge([INIT, ...calls, denied('Bash', npmTest)])).toMatchObject({
      outcome: 'refused',
      cause: expect.stringContaining('Bash (npm test)'),
    });
  });

  test.each([
    ['Write', { file_path: '/work/a.txt', content: 'one' }, { file_path: '/work/a.txt', content: 'two' }, 'done'],
    ['Write', { file_path: '/work/a.txt', content: 'one' }, { file_path: './a.txt', content: 'two' }, 'done'],
    ['Write', { file_path: '/work/a.txt', content: 'one' }, { file_path: '/work/b.txt', content: 'one' }, 'refused'],
    ['NotebookEdit', { notebook_path: '/work/a.ipynb' }, { notebook_path: '/work/a.ipynb', cell_id: '1' }, 'done'],
    ['NotebookEdit', { notebook_path: '/work/a.ipynb' }, { notebook_path: '/work/b.ipynb' }, 'refused'],
    ['WebFetch', { url: 'http://a', prompt: 'x' }, { prompt: 'x', url: 'http://a' }, 'done'],
    ['WebFetch', { url: 'http://a', prompt: 'x' }, { url: 'http://b', prompt: 'x' }, 'refused'],
    ['Other', { list: [[1], [2, {}]] }, { list: [[1], [2, {}]] }, 'done'],
    ['Other', { list: [[1], [2, {}]] }, { list: [[1, 2], [{}]] }, 'refused'],
  ])('of %s with %j, and a later one with %j, is %s', (tool, first, later, outcome) => {
    const calls = [...answered('a', tool, false, first), ...answered('b', tool, true, later)];
    expect(judge([{ ...INIT, cwd: '/work' }, ...calls, denied(tool, first)]).outcome).toBe(outcome);
  });
});

describe('a session that is gone', () => {
  const resumed: SessionRequest = { kind: 'resumed', id: 'session-1', why: 'lost', reportedUsd: 0.4 };
  const gone = { type: 'result', subtype: 'error_during_execution', is_error: true, errors: ['No conversation found'] };

  test('gives the task back, and is not named again', () => {
    const judged = judge([gone], ended({ exitCode: 1 }), resumed);
    expect(judged).toMatchObject({
      giveBack: true,
      cause: 'cannot go on with the session session-1: No conversation found',
    });
    expect(judged.entry).not.toHaveProperty('session');
  });

  test('is none where the session was there, or never asked for, or the CLI says another reason', () => {
    expect(judge([INIT, gone], ended({ exitCode: 1 }), resumed)).not.toHaveProperty('giveBack');
    expect(judge([gone], ended({ exitCode: 1 }))).not.toHaveProperty('giveBack');
    const reason = { type: 'assistant', message: { model: '<synthetic>' }, error: 'authentication_failed' };
    const judged = judge([reason, gone], ended({ exitCode: 1 }), resumed);
    expect(judged.outcome).toBe('auth');
    expect(judged).not.toHaveProperty('giveBack');
  });
});

describe('a limit', () => {
  const limited = { type: 'result', subtype: 'success', is_error: true, api_error_status: 429, result: 'Wait.' };

  test.each([
    [{ status: 'rejected', rateLimitType: 'seven_day_opus', resetsAt: 4102444800 }, ' (limit seven_day_opus)', 4102444800_000],
    [{ status: 'rejected', rateLimitType: 'five_hour' }, ' (limit five_hour)', null],
    [{ status: 'rejected', rateLimitType: 7, resetsAt: 'soon' }, '', null],
    [{ status: 'rejected', resetsAt: 1e300 }, '', null],
    [{ status: 'rejected', resetsAt: -1 }, '', null],
    [{ status: 'allowed', rateLimitType: 'five_hour', resetsAt: 4102444800 }, '', null],
  ])('as in %j is named, and until when where that is a moment', (info, name, resetsAt) => {
    const judged = judge([INIT, { type: 'rate_limit_event', rate_limit_info: info }, limited], ended({ exitCode: 1 }));
    expect(judged).toMatchObject({ outcome: 'rate-limited', cause: `the service answered 429${name}: Wait.` });
    expect(judged.evidence).toEqual(resetsAt === null ? undefined : { kind: 'limit', resetsAt });
  });
});

describe('the cost of a resumed run', () => {
  const resumed: SessionRequest = { kind: 'resumed', id: 'session-1', why: 'lost', reportedUsd: 0.4 };
  const heard = (input: number) => ({
    type: 'assistant',
    message: { id: 'm', model: 'claude-opus-5-5', content: [], usage: { input_tokens: input } },
  });

  test('is what the results add, where they say so', () => {
    const added = { 'claude-opus-5-5': { inputTokens: 5, outputTokens: 6, costUSD: 0.1 } };
    const results = [1, 2].map(() => ({ ...RESULT, model_usage_since_last_result: added }));
    expect(judge([INIT, ...results], ended(), resumed)).toMatchObject({
      entry: { cost_usd: 0.2, tokens: { input: 10, output: 12 } },
      reportedUsd: 0.5,
    });
  });

  test('is the total less what was reported before, where that fits what was heard', () => {
    expect(judge([INIT, heard(25_000), RESULT], ended(), resumed)).toMatchObject({ entry: { cost_usd: 0.1 }, reportedUsd: 0.5 });
  });

  test('is the total, where that fits better', () => {
    expect(judge([INIT, heard(120_000), RESULT], ended(), resumed).entry?.cost_usd).toBe(0.5);
  });
});
