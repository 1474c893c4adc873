import { expect, test } from 'vitest';
import type { MachineEntry, MachinesReport } from './machines-report.ts';
import { renderMachines } from './render-machines.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');

const PI: MachineEntry = {
  name: 'pi',
  here: false,
  listed: true,
  worker: true,
  presence: 'online',
  online: true,
  seen_at: '2026-11-20T11:59:40Z',
  slots: 2,
  running: ['fix-login-k3f9'],
  capabilities: ['docker', 'arm64'],
  version: '0.1.0',
  agents: [
    { name: 'claude', version: '2.1.4', paused_until: '2026-11-20T14:05:00Z', reason: 'five_hour limit' },
    { name: 'command', version: null, paused_until: null, reason: null },
  ],
  address: 'pi.a-rather-long-tailnet-name.ts.net',
  user: 'me',
  port: 2222,
};
const LAPTOP: MachineEntry = {
  ...PI,
  name: 'laptop',
  here: true,
  listed: false,
  presence: 'given-up',
  online: false,
  seen_at: '2026-11-17T12:00:00Z',
  running: [],
  agents: [],
  capabilities: [],
  address: null,
};
const REPORT: MachinesReport = {
  schema: 1,
  queue: 'https://host/q.git',
  machines: [LAPTOP, PI],
  remarks: [{ code: 'twin', machines: ['laptop'], message: "a worker uses this machine's name", hint: 'Rename one.' }],
  away: null,
};

test('each machine is a paragraph: how it is, what stops it, what it does, what it has, how to get there', () => {
  expect(renderMachines(REPORT, { colour: false, columns: 80, now: NOW })).toBe(`laptop (this machine)
  given up 3 d ago, at 2026-11-17 12:00 UTC: it fell silent, and others took
    over what it ran
  errand 0.1.0
  no address needed from here
pi
  online, 1 of 2 slots in use, seen 20 s ago
  claude limited until 14:05 UTC (five_hour limit)
  runs fix-login-k3f9
  errand 0.1.0, claude 2.1.4, command, +docker, +arm64
  me@pi.a-rather-long-tailnet-name.ts.net, port 2222

a worker uses this machine's name
  Rename one.
`);
});

test.each([80, 40, 24])('no line is wider than %i columns, and no word is lost', (columns) => {
  const away = { message: 'the server hung up, and said nothing about the reason why', seen_at: '2026-11-20T11:00:00Z' };
  const text = renderMachines({ ...REPORT, away }, { colour: false, columns, now: NOW });
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
  const wide = renderMachines({ ...REPORT, away }, { colour: false, columns: 500, now: NOW });
  expect(text.replace(/\s/g, '')).toBe(wide.replace(/\s/g, ''));
});

test('with no machines at all it says what to do', () => {
  const text = renderMachines({ ...REPORT, machines: [], remarks: [] }, { colour: false, columns: 80, now: NOW });
  expect(text).toContain('errand worker starts one here');
});
