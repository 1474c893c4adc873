import { type AttemptEntry, parseResult, type Result, renderResult } from '@errand/task';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AgentEnd, AgentProgress, SessionRequest } from '../agent.ts';
import { judgeRun } from './judge-run.ts';
import { Listener } from './listener.ts';
import { sumSpent } from './spending.ts';

const SESSION: SessionRequest = { kind: 'resumed', id: 'session-1', why: 'lost', reportedUsd: 0.4 };

/** What becomes of a stream, whatever it is. */
function digest(stream: string): { judged: AgentEnd; progress: AgentProgress[] } {
  const listener = new Listener();
  const progress = listener.hear(stream);
  const end = { exitCode: 0, signal: null, endedBy: null, stdout: '', stderr: '', capped: false };
  return { judged: judgeRun(end, listener.finish(), SESSION), progress };
}

const BLOB = '0'.repeat(40);
const FRAME = { attempt: 1, worker: 'pi', agent: 'claude', ended_at: '2026-01-01T00:00:00Z', task: BLOB };
const RESULT: Omit<Result, 'attempts'> = {
  schema: 1,
  id: 'a-task',
  state: 'failed',
  task: BLOB,
  nonce: '01KADMQ6X7ABCDEFGHJKMNPQRS',
  finished_at: '2026-01-01T00:00:00Z',
  answer: 'none',
  taskText: 'none',
};

/** The record of an attempt that ended like that can be read again, by anyone. */
function expectReadable({ judged, progress }: ReturnType<typeof digest>): void {
  const { costUsd, tokens } = sumSpent(progress);
  for (const entry of [judged.entry, { cost_usd: costUsd, tokens }]) {
    const attempt: AttemptEntry = { ...FRAME, outcome: judged.outcome, ...entry };
    const text = renderResult({ ...RESULT, attempts: [attempt] });
    expect(parseResult('results/2026-01-01/a-task.md', text)).toMatchObject({ ok: true });
    expect(text.length).toBeLessThan(2_000);
  }
  expect(Number.isFinite(judged.reportedUsd ?? 0)).toBe(true);
  expect(judged.cause?.length ?? 0).toBeLessThan(2_000);
}

/** Numbers that are none, or none that a record holds, as a stream writes them. */
const NUMBERS = ['-1', '1.5', '0', '3', '9007199254740993', '1e300', '1e999', '-1e999', '-0', '"7"', 'null', '{}'];

/** Any value of the wrong kind, written as JSON: JSON.stringify writes neither 1e999 nor such nests, nor own `__proto__`. */
const oddJson = fc.oneof(
  fc.constantFrom(...NUMBERS, 'true', '[]', '""', '[null]', '"\\ud800"'),
  fc.json(),
  fc.integer({ min: 1, max: 20_000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  fc.integer({ min: 1, max: 20_000 }).map((depth) => `${'{"a":'.repeat(depth)}0${'}'.repeat(depth)}`),
  fc.constant('{"__proto__":{"type":"text","text":"x"},"constructor":1,"toString":null}'),
  fc.constant(`"${'x'.repeat(3_000)}"`),
);

function objectOf(fields: Record<string, fc.Arbitrary<string>>): fc.Arbitrary<string> {
  const sometimes = Object.entries(fields).map(([name, value]) =>
    fc
      .option(fc.oneof({ weight: 3, arbitrary: value }, { weight: 1, arbitrary: oddJson }), { freq: 6 })
      .map((text) => [name, text]),
  );
  return fc.tuple(...sometimes).map((pairs) => {
    const there = pairs.filter(([, text]) => text !== null);
    return `{${there.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
  });
}

const listOf = (item: fc.Arbitrary<string>) => fc.array(item, { maxLength: 4 }).map((items) => `[${items.join(',')}]`);
const word = (...words: string[]) => fc.constantFrom(...words.map((text) => JSON.stringify(text)));
const number = fc.constantFrom(...NUMBERS);
const toolUse = { name: word('Bash', 'Write', 'Other'), input: objectOf({ command: word('ls'), file_path: word('a', '../b') }) };
const blocks = listOf(
  objectOf({
    type: word('text', 'tool_use', 'tool_result', 'thinking'),
    id: word('a', 'b'),
    tool_use_id: word('a', 'b'),
    text: word('said'),
    is_error: fc.constantFrom('true', 'false'),
    content: word('content'),
    ...toolUse,
  }),
);
const usage = objectOf(
  Object.fromEntries(
    ['input_tokens', 'output_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'].map((name) => [name, number]),
  ),
);
const modelUsage = objectOf({
  'claude-opus-5-5': objectOf(
    Object.fromEntries(
      ['inputTokens', 'outputTokens', 'cacheReadInputTokens', 'cacheCreationInputTokens', 'costUSD'].map((name) => [
        name,
        number,
      ]),
    ),
  ),
});
const line = fc.oneof(
  objectOf({
    type: word('system'),
    subtype: word('init', 'api_retry'),
    session_id: word('session-1'),
    model: word('claude-opus-5-5'),
    cwd: word('/work', ''),
    attempt: number,
    max_retries: number,
    retry_delay_ms: number,
    error_status: number,
  }),
  objectOf({
    type: word('assistant', 'user'),
    message: objectOf({ id: word('m1', 'm2'), model: word('claude-opus-5-5', '<synthetic>'), content: blocks, usage }),
    error: word('rate_limit', 'billing_error'),
  }),
  objectOf({ type: word('rate_limit_event'), rate_limit_info: objectOf({ status: word('rejected'), resetsAt: number }) }),
  objectOf({
    type: word('result'),
    subtype: word('success', 'error_max_turns'),
    is_error: fc.constantFrom('true', 'false'),
    result: word('All is well.', ''),
    api_error_status: number,
    num_turns: number,
    total_cost_usd: number,
    usage,
    modelUsage,
    model_usage_since_last_result: modelUsage,
    permission_denials: listOf(objectOf({ tool_name: toolUse.name, tool_use_id: word('a'), tool_input: toolUse.input })),
    errors: listOf(word('went wrong')),
  }),
  oddJson,
  fc.string({ unit: 'binary' }),
);

test('whatever a stream says, it is heard and judged, and leaves a record that can be read', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      expectReadable(digest(lines.join('\n')));
    }),
    { numRuns: 100 },
  );
});

test.each([
  ['lists', '['.repeat(6_000) + ']'.repeat(6_000)],
  ['objects', `${'{"a":'.repeat(6_000)}0${'}'.repeat(6_000)}`],
])('a call whose input nests thousands of %s is a call like any other', (_, input) => {
  const call = `{"type":"tool_use","id":"a","name":"Bash","input":{"command":"ls","more":${input}}}`;
  const message = `{"id":"m","model":"claude-opus-5-5","usage":{"input_tokens":10},"content":[${call}]}`;
  const { progress } = digest(`{"type":"assistant","message":${message}}\n`);
  expect(progress).toMatchObject([
    { type: 'calls-tool', tool: 'Bash', about: 'ls' },
    { type: 'spent', tokens: { input: 10, output: Math.ceil((input.length + '{"command":"ls","more":}'.length) / 3.5) } },
  ]);
});

test('a line that is more than can be made sense of is dropped and remembered, and the next one is heard', () => {
  const listener = new Listener();
  const parse = JSON.parse;
  const poisoned = { type: 'assistant', message: {} };
  Object.defineProperty(poisoned, 'message', {
    get() {
      throw new RangeError('Maximum call stack size exceeded');
    },
  });
  JSON.parse = (text: string) => (text === 'poison' ? poisoned : parse(text));
  try {
    expect(listener.hear('poison\n{"type":"system","subtype":"init","model":"m","session_id":"s"}\n')).toEqual([
      { type: 'session', session: 's', model: 'm' },
    ]);
  } finally {
    JSON.parse = parse;
  }
  expect(listener.finish().dropped).toBe(1);
});

test.each(NUMBERS)('figures of %s become figures that a record holds', (figure) => {
  const tokens = `{"input_tokens":${figure},"output_tokens":${figure}}`;
  const models = `{"m":{"inputTokens":${figure},"outputTokens":${figure},"costUSD":${figure}}}`;
  const result = `"num_turns":${figure},"total_cost_usd":${figure},"usage":${tokens},"modelUsage":${models}`;
  const heard = `{"type":"assistant","message":{"id":"m","model":"opus","usage":${tokens},"content":[]}}`;
  for (const more of ['', `,"model_usage_since_last_result":${models}`]) {
    expectReadable(digest([heard, `{"type":"result",${result}${more}}`].join('\n')));
    expectReadable(digest(`{"type":"system","subtype":"init"}\n{"type":"result",${result}${more}}`));
  }
  expectReadable(digest(heard));
});
