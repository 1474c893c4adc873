import { expect, test } from 'vitest';
import { displayWidth } from '../text-width.ts';
import type { LogEvent } from './log-event.ts';
import { LogRenderer } from './render-log.ts';

const at = '2026-11-20T09:00:00.000Z';
const PLAIN = { colour: false, columns: 60, terminal: true };

function render(events: readonly object[], look = PLAIN): string {
  const renderer = new LogRenderer(look);
  return events.map((event) => renderer.render(JSON.stringify(event))).join('') + renderer.finish();
}

const output = (text: string, stream: 'stdout' | 'stderr' = 'stdout'): LogEvent => ({ type: 'output', at, stream, text });
const tokens = { input: 1_000, output: 50, cache_read: 500, cache_write: 0 };

test('what a model says and does is shown in place of its stream', () => {
  const stream = '{"type":"system","subtype":"init"}\n';
  const text = render([
    { type: 'started', at, argv: ['claude', '-p'], containment: 'cgroup' },
    { type: 'session', at, session: 's-1', model: 'claude-sonnet', version: '2.0' },
    output(stream),
    { type: 'says', at, text: 'I run the tests.\nThen I look.\n' },
    { type: 'calls-tool', at, tool: 'Bash', about: 'npm test' },
    output('{"type":"assistant"}\n'),
    { type: 'tool-answered', at, tool: 'Bash', ok: true, text: '214 passed\n2 failed' },
    { type: 'tool-answered', at, tool: 'Read', ok: false, text: 'no such file' },
    { type: 'waits', at, text: 'overloaded, trying again' },
    { type: 'spent', at, model: 'claude-sonnet', tokens, costUsd: 0.03, estimated: false },
    { type: 'spent', at, model: 'claude-sonnet', tokens, costUsd: 0.0121, estimated: false },
    { type: 'exited', at, exitCode: 0, signal: null },
  ]);
  expect(text).toBe(
    [
      'started (containment: cgroup): claude -p',
      'session s-1 (claude-sonnet, 2.0)',
      'I run the tests.',
      'Then I look.',
      '→ Bash: npm test',
      '← Bash: 214 passed 2 failed',
      '← Read failed: no such file',
      'overloaded, trying again',
      'exited with status 0; spent $0.04, 3,000 tokens in, 100 out',
      '',
    ].join('\n'),
  );
});

test('a command is shown as it speaks, and remarks begin on lines of their own', () => {
  const text = render([
    { type: 'started', at, argv: ['sh', '-s'], containment: 'tree' },
    output('one\ntw'),
    output('o'),
    output('a warning', 'stderr'),
    { type: 'frozen', at, why: 'out of touch' },
    { type: 'thawed', at, why: 'in touch' },
    { type: 'output-capped', at, limitBytes: 1_048_576 },
    { type: 'stopping', at, why: 'timed-out', signal: 'SIGTERM' },
    { type: 'exited', at, exitCode: null, signal: 'SIGTERM' },
  ]);
  expect(text).toBe(
    [
      'started (containment: tree): sh -s',
      'one',
      'twoa warning',
      'frozen: out of touch',
      'goes on: in touch',
      'output beyond 1,048,576 bytes is not kept',
      'ending it (timed-out): SIGTERM',
      'ended by SIGTERM',
      '',
    ].join('\n'),
  );
});

test('a stream of events whose first line comes in pieces is not shown before it is known what it means', () => {
  const said = { type: 'says', at, text: 'Hello.' };
  expect(render([output('{"ty'), output('pe":"system"}'), said, output('\n{"type":"result"}\n')])).toBe('Hello.\n');
});

test('a command that prints JSON is shown at its end at the latest', () => {
  expect(render([output('{"type":"a"}\n'), { type: 'exited', at, exitCode: 0, signal: null }])).toBe(
    '{"type":"a"}\nexited with status 0\n',
  );
  expect(render([output('{"type":"a"}\n')])).toBe('{"type":"a"}\n');
  expect(render([output('{"kind":'), output('"a"}\n')])).toBe('{"kind":"a"}\n');
});

test('what verifies the work of a model is shown as it speaks', () => {
  const verify = { type: 'started', at, argv: ['sh', '-c', 'npm test'], containment: 'tree' };
  expect(render([{ type: 'says', at, text: 'Done.' }, output('{"type":"result"}\n'), verify, output('2 failed\n')])).toBe(
    'Done.\nstarted (containment: tree): sh -c npm test\n2 failed\n',
  );
});

test('standard error is always shown', () => {
  expect(render([{ type: 'says', at, text: 'Hello.' }, output('a warning\n', 'stderr')])).toBe('Hello.\na warning\n');
});

test('a log without an end still tells what was spent, and that a part of it is estimated', () => {
  expect(render([{ type: 'spent', at, model: 'm', tokens, costUsd: 1, estimated: true }])).toBe(
    'spent ~$1.00, 1,500 tokens in, 50 out\n',
  );
});

test('damaged lines, odd events and those of a newer errand are passed over', () => {
  const renderer = new LogRenderer(PLAIN);
  const odd = [
    { type: 'danced', at },
    { type: 'started', at },
    { type: 'started', at, argv: 'sh', containment: 'tree' },
    { type: 'says', at, text: 7 },
    { type: 'spent', at, model: 'm', tokens: null, costUsd: 1, estimated: false },
    { type: 'output', at, stream: 'stdout' },
    { type: 'exited', at, exitCode: 'none', signal: null },
  ].map((event) => JSON.stringify(event));
  expect(['', '{"type":"out', 'null', '[]', ...odd].map((line) => renderer.render(line)).join('')).toBe('');
});

test('remarks are cut to the width of the terminal, and what an agent says is not', () => {
  const long = 'x'.repeat(200);
  const [said = '', called = ''] = render([
    { type: 'says', at, text: long },
    { type: 'calls-tool', at, tool: 'Bash', about: long },
  ]).split('\n');
  expect(said).toBe(long);
  expect(called).toHaveLength(60);
  const call = { type: 'calls-tool', at, tool: 'Bash', about: long };
  expect(render([call], { ...PLAIN, terminal: false })).toBe(`→ Bash: ${long}\n`);
});

test('a remark in wide letters fits the terminal too', () => {
  const remark = render([{ type: 'tool-answered', at, tool: 'Bash', ok: true, text: '漢字'.repeat(100) }]).trimEnd();
  expect(displayWidth(remark)).toBeLessThanOrEqual(60);
  expect(remark).toMatch(/^← Bash: 漢字.*…$/);
});

test('nothing of what others wrote steers a terminal; what is no terminal gets it as it was', () => {
  const hostile = 'a\u001b[2J\u001b]0;owned\u0007b';
  const events = [
    { type: 'started', at, argv: [hostile], containment: 'tree' },
    output(`${hostile}\n`),
    output(`${hostile}\n`, 'stderr'),
    { type: 'says', at, text: hostile },
    { type: 'calls-tool', at, tool: hostile, about: hostile },
    { type: 'tool-answered', at, tool: 'Bash', ok: true, text: hostile },
    { type: 'waits', at, text: hostile },
  ];
  expect(render(events)).not.toMatch(/[^\P{Cc}\n]/u);
  expect(render(events, { ...PLAIN, terminal: false })).toContain(`${hostile}\n`);
  expect(render(events, { ...PLAIN, colour: true })).toContain('\u001b[2m');
});
