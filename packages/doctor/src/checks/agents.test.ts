import { expect, test } from 'vitest';
import { Machine } from '../rig/machine.ts';
import { agents, judgeAgents, judgeRoot } from './agents.ts';

test('the login of an agent is not asked for offline', async () => {
  await using machine = new Machine();
  await machine.configure('queue: /q', 'policy: { agents: [command], contain: tree }', 'agents: { command: { argv: [sh, -s] } }');
  expect(await machine.see({}, agents)).toMatchObject([{ state: 'ok', what: 'command is set up' }]);
});

test('no login is a fault, an unknown one a note, one that is missing a warning', () => {
  const seen = {
    agents: new Map([['claude', null]]),
    versions: new Map([['claude', '2.1.0']]),
    withLogin: new Set<string>(),
    withoutLogin: new Map<string, string>(),
    remarks: [] as string[],
  };
  expect(judgeAgents({ ...seen, withLogin: new Set(['claude']) }, false)).toMatchObject([
    { state: 'ok', what: 'claude 2.1.0, its login works' },
  ]);
  expect(judgeAgents({ ...seen, withoutLogin: new Map([['claude', '401']]) }, false)).toMatchObject([
    { state: 'fault', command: 'claude setup-token' },
  ]);
  expect(judgeAgents(seen, true)).toMatchObject([{ state: 'note' }]);
  expect(judgeAgents({ ...seen, agents: new Map(), remarks: ['claude is not here'] }, false)).toMatchObject([
    { state: 'warning', what: 'claude is not here' },
  ]);
});

test('claude with bypass as root is named, and nobody else', () => {
  const policy = { agents: ['claude'], permissions: 'bypass' };
  expect(judgeRoot(policy, 0)).toMatchObject([{ state: 'warning' }]);
  expect([...judgeRoot(policy, 1000), ...judgeRoot({ ...policy, permissions: 'edits' }, 0)]).toEqual([]);
  expect(judgeRoot({ agents: ['command'], permissions: 'bypass' }, 0)).toEqual([]);
});
