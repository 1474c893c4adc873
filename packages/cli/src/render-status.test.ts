import { expect, test } from 'vitest';
import { renderStatus } from './render-status.ts';
import type { StatusReport } from './status-report.ts';

const NOW = Date.parse('2026-11-20T10:00:00Z');

function report(more: Partial<StatusReport> = {}): StatusReport {
  const empty = { machines: [], tasks: [], invalid: [], recent: [], unsent: [], away: null };
  return { schema: 1, queue: 'https://me:secret@host/queue.git', branch: 'main', head: 'a'.repeat(40), ...empty, ...more };
}

const LONG = 'x'.repeat(80);
const FULL = report({
  machines: [{ name: LONG, online: true, slots: 2, running: [LONG], capabilities: ['docker'], agents: [] }],
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
    },
  ],
  recent: [
    { id: LONG, path: LONG, state: 'failed', finished_at: '2026-11-20T08:30:00Z', worker: 'pi', tier: 'opus', cost_usd: 0.0421 },
  ],
});

test('tables fit into 80 columns, whatever is in them', () => {
  const lines = renderStatus(FULL, { colour: false, columns: 80, now: NOW }).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines.join('\n')).toContain('90 min ago, $0.04');
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
      { name: 'claude', paused_until: until, reason },
      { name: 'command', paused_until: null, reason: null },
    ];
    const machine = { name: 'pi', online: true, slots: 1, running: [LONG], capabilities: [], agents };
    return renderStatus(report({ machines: [machine] }), { colour: false, columns: 80, now: NOW });
  };
  expect(limited('2026-11-20T14:05:00Z', 'five_hour limit')).toMatch(
    / {2}pi {2}online {2}1\/1 {2}claude limited until 14:05 UTC \(five_hour limit\); x+…\n/,
  );
  expect(limited('2026-11-21T01:00:00Z', 'not logged in')).toContain('claude paused until 2026-11-21 01:00 UTC (not logged in)');
  expect(limited('2026-11-20T10:15:00Z', null)).toContain('claude paused until 10:15 UTC; x');
});

test('a password in the address of the queue is not shown', () => {
  expect(renderStatus(report(), { colour: false, columns: 80, now: NOW })).not.toContain('secret');
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
