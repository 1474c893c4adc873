import { expect, test } from 'vitest';
import { renderStatus } from './render-status.ts';
import type { StatusReport } from './status-report.ts';
import { displayWidth } from './text-width.ts';

const NOW = Date.parse('2026-11-20T10:00:00Z');

function report(more: Partial<StatusReport> = {}): StatusReport {
  const spend = { day: '2026-11-20', usd: 0, estimated: false, attempts: 0 };
  const empty = { machines: [], tasks: [], invalid: [], recent: [], spend, unsent: [], away: null };
  return { schema: 1, queue: 'https://host/queue.git', branch: 'main', head: 'a'.repeat(40), ...empty, ...more };
}

const HERE = { seen_at: '2026-11-20T09:59:30Z', presence: 'online', version: '0.1.0' } as const;
function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there is none');
  return value;
}

const LONG = 'x'.repeat(80);
const FULL = report({
  machines: [{ name: LONG, online: true, slots: 2, running: [LONG], capabilities: ['docker'], agents: [], ...HERE }],
  tasks: [
    {
      id: LONG,
      path: `tasks/${LONG}.md`,
      title: LONG,
      state: 'running',
      reason: 'runs on `pi`\u001b[2J and on',
      machine: 'pi',
      tier: 'opus',
      attempt: 1,
      worker: 'pi',
      started_at: '2026-11-20T09:59:00Z',
      run: null,
    },
  ],
  recent: [
    {
      id: LONG,
      path: LONG,
      state: 'failed',
      finished_at: '2026-11-20T08:30:00Z',
      worker: 'pi',
      agent: 'claude',
      tier: 'opus',
      cost_usd: 0.0421,
    },
  ],
});

const WIDE = report({
  machines: [{ ...need(FULL.machines[0]), name: '派🚀'.repeat(9), capabilities: ['gpu', '漢字'.repeat(30)] }],
  tasks: [
    { ...need(FULL.tasks[0]), id: '👩‍👩‍👧‍👦'.repeat(30) },
    { ...need(FULL.tasks[0]), state: 'waiting', id: 'short', reason: '漢字 '.repeat(40), run: null },
    { ...need(FULL.tasks[0]), state: 'queued' },
  ],
  invalid: [{ path: `tasks/${LONG}.md`, line: 2, column: 1, code: 'unknown-key', message: '漢字'.repeat(80), hint: LONG }],
  recent: FULL.recent,
  unsent: [LONG, '漢字'.repeat(30)],
  away: { message: 'x'.repeat(300), seen_at: '2026-11-20T08:30:00Z' },
});

test.each([20, 32, 40, 59, 60, 80, 120])('everything fits into %i columns, wide letters too', (columns) => {
  for (const full of [FULL, WIDE, report()]) {
    const lines = renderStatus(full, { colour: false, columns, now: NOW }).split('\n');
    for (const line of lines) expect(displayWidth(line), line).toBeLessThanOrEqual(columns);
    if (full === FULL) expect(lines.join('\n')).toMatch(columns < 40 ? /90 min ago/ : /90 min ago, \$0\.04/);
  }
});

test('a phone sees the essence in the first three lines', () => {
  const waiting = { ...need(FULL.tasks[0]), state: 'waiting' as const, run: null };
  const spend = { day: '2026-11-20', usd: 3.421, estimated: true, attempts: 12 };
  const tasks = [...FULL.tasks, waiting, { ...waiting, id: 'b' }];
  const invalid = [{ path: 'tasks/a.md', line: 2, column: 1, code: 'unknown-key', message: 'what is `x`', hint: null }];
  const text = renderStatus({ ...FULL, tasks, invalid, spend }, { colour: false, columns: 60, now: NOW });
  expect(text.split('\n').slice(1, 3)).toEqual([
    '1 running, 2 waiting, 1 invalid',
    '1 of 1 machine online · ~$3.42 spent today (UTC) in 12',
  ]);
});

test('where there is no terminal nothing is cut', () => {
  const text = renderStatus(WIDE, { colour: false, columns: Number.POSITIVE_INFINITY, now: NOW });
  expect(text).toContain('漢字'.repeat(80));
  expect(text).toContain(`  running  ${'👩‍👩‍👧‍👦'.repeat(30)}`);
  expect(text).not.toContain('…');
});

test('a running task says for how long, of how long, with what, and how far it is', () => {
  const run = {
    agent: 'claude',
    model: 'claude-opus-5-1',
    timeout_s: 1800,
    tries: 3,
    turns: 12,
    tool_calls: 31,
    output_at: '2026-11-20T09:59:56Z',
    cost_usd: 0.42,
  };
  const task = { ...need(FULL.tasks[0]), id: 'fix', reason: 'runs on `pi`', started_at: '2026-11-20T09:56:48Z', attempt: 2, run };
  const show = (tasks: StatusReport['tasks'], columns = 200): string =>
    renderStatus(report({ tasks }), { colour: false, columns, now: NOW });
  expect(show([task])).toContain(
    '  running  fix  3m 12s of 30m on pi · claude opus · attempt 2 of 3 · 12 turns, 31 tool calls · ~$0.42 so far · last output 4 s ago\n',
  );
  expect(show([task], 40)).toContain('  running  fix\n    3m 12s of 30m on pi · claude opus\n    attempt 2 of 3');
  const unknown = { ...run, agent: null, model: null, turns: null, tool_calls: null, output_at: null, cost_usd: null };
  expect(show([{ ...task, run: unknown }])).toContain('  running  fix  3m 12s of 30m on pi · opus · attempt 2 of 3\n');
  expect(show([{ ...task, reason: 'runs on `pi`; edited since' }])).toContain(
    '  runs on `pi`; edited since · 3m 12s of 30m · claude',
  );
  expect(show([{ ...task, attempt: 5, run: { ...run, agent: 'command', timeout_s: 90 } }])).toContain(
    '3m 12s of 90s on pi · command · attempt 5 ·',
  );
});

test('a machine that is away says since when, and versions are told where they differ', () => {
  const machine = { ...need(FULL.machines[0]), name: 'pi', running: [], capabilities: [] };
  const away = { ...machine, online: false, seen_at: '2026-11-20T07:00:00Z' };
  const machines = [
    machine,
    { ...away, name: 'a', presence: 'silent' as const },
    { ...away, name: 'b', presence: 'stopped' as const },
    { ...away, name: 'c', presence: 'given-up' as const, version: '0.0.9' },
    { ...away, name: 'd', presence: 'unseen' as const, seen_at: null, slots: 0, version: null },
  ];
  const text = renderStatus(report({ machines }), { colour: false, columns: 90, now: NOW });
  expect(text).toContain('1 of 5 machines online');
  expect(text).toMatch(/ {2}pi {2}online {3}0\/2 {2}errand 0\.1\.0\n/);
  expect(text).toMatch(/ {2}a {3}offline {7}last heard of 3 h ago, at 07:00 UTC · errand 0\.1\.0\n/);
  expect(text).toContain('stopped 3 h ago, at 07:00 UTC');
  expect(text).toContain('given up 3 h ago, at 07:00 UTC: it fell silent, and');
  expect(text).toContain('never seen: start errand worker there');
  expect(renderStatus(report({ machines: [machine] }), { colour: false, columns: 80, now: NOW })).not.toContain('0.1.0');
});

test('there are colours only where they are allowed, and text of others cannot steer the terminal', () => {
  expect(renderStatus(FULL, { colour: false, columns: 80, now: NOW })).not.toContain('\u001b');
  const coloured = renderStatus(FULL, { colour: true, columns: 80, now: NOW });
  expect(coloured).toContain('\u001b[32m');
  expect(coloured).not.toContain('\u001b[2J');
});

test('an agent that is paused says until when and why, before anything that may be cut', () => {
  const limited = (until: string, reason: string | null) => {
    const agents = [
      { name: 'claude', version: null, paused_until: until, reason },
      { name: 'command', version: null, paused_until: null, reason: null },
    ];
    const machine = { name: 'pi', online: true, slots: 1, running: [LONG], capabilities: ['docker'], agents, ...HERE };
    return renderStatus(report({ machines: [machine] }), { colour: false, columns: 80, now: NOW });
  };
  expect(limited('2026-11-20T14:05:00Z', 'five_hour limit')).toMatch(
    / {2}pi {2}online {2}1\/1 {2}claude limited until 14:05 UTC \(five_hour limit\) · \+docker\n/,
  );
  expect(limited('2026-11-21T01:00:00Z', 'not logged in')).toContain('claude paused until 2026-11-21 01:00 UTC (not logged in)');
  expect(limited('2026-11-20T10:15:00Z', null)).toContain('claude paused until 10:15 UTC · +docker');
});

test('a view of the past says since when, and what was not sent', () => {
  const away = { message: 'no route', seen_at: '2026-11-20T09:57:00Z' };
  const text = renderStatus(report({ away, unsent: ['fix-a2b3'] }), { colour: false, columns: 80, now: NOW });
  expect(text).toContain('The remote is away, as of 3 min ago: no route');
  expect(text).toContain('Not sent yet: fix-a2b3');
});

test('an invalid file is named with line, column and code', () => {
  const invalid = [{ path: 'tasks/a.md', line: 2, column: 1, code: 'unknown-key', message: 'what is `x`', hint: null }];
  expect(renderStatus(report({ invalid }), { colour: false, columns: 80, now: NOW })).toContain(
    'tasks/a.md:2:1 unknown-key\n    what is `x`',
  );
});

test.each([40, 80])('an id is never cut in %i columns, so that it can be copied', (columns) => {
  const id = 'rewrite-the-login-page-k3f9';
  const long = `${id}-and-the-other-pages-too`;
  const waiting = { ...need(FULL.tasks[0]), state: 'waiting' as const, reason: 'waits for the key `deploy`', run: null };
  const recent = [id, long].map((one) => ({ ...need(FULL.recent[0]), id: one }));
  const tasks = [id, long, 'b'].map((one) => ({ ...waiting, id: one }));
  const unsent = Array.from({ length: 9 }, (_, i) => `task-${i}`);
  const text = renderStatus(report({ tasks, recent, unsent }), { colour: false, columns, now: NOW });
  expect(text).toContain(`  waiting  ${id}`);
  expect(text.replace(/\n(?: {2})?(?=[a-z])/g, '').split(long)).toHaveLength(3);
  expect(text).toMatch(/task-5 and\s3 more\n/);
  expect(text).not.toContain('…');
});

test('a command has no tier, and a hint is a sentence of its own', () => {
  const recent = [{ ...need(FULL.recent[0]), id: 'a', agent: 'command', tier: 'haiku' as const }];
  const invalid = [{ path: 'tasks/a.md', line: 2, column: 1, code: 'x', message: 'what is `x`', hint: 'Rename it.' }];
  const text = renderStatus(report({ recent, invalid }), { colour: false, columns: 80, now: NOW });
  expect(text).toContain('  failed  a  pi  90 min ago, $0.04\n');
  expect(text).toContain('    what is `x`. Rename it.\n');
});
