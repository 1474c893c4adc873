import { expect, test } from 'vitest';
import { judgeService } from './service.ts';

test('a service: each thing that is wrong with it is told with the command that repairs it', () => {
  const sound = {
    manager: 'systemd-user',
    scope: 'user',
    reachable: { ok: true },
    unitPath: '/u/errand.service',
    current: true,
    foreign: false,
    orphaned: false,
    restarting: false,
    environment: {},
    enabled: true,
    active: 'active',
    lingering: true,
    path: process.env.PATH ?? '',
    mainPid: 1,
    restarts: 0,
    since: null,
    says: null,
    outdated: false,
  } as const;
  const machine = { agents: { command: { argv: ['no-such-program-xyz'], env: {} } }, policy: { agents: [] as string[] } };
  const host = { user: 'ada', root: '/home/ada/errand', home: '/home/ada', env: { HOME: '/home/ada' } };
  const judge = (changes: object, agents: string[] = []) =>
    judgeService({ ...sound, ...changes }, { ...machine, policy: { agents } } as never, host as never).map(
      ({ state, what, command }) => [state, command ?? what],
    );
  expect(judge({})).toEqual([['ok', 'the service is installed and active']]);
  expect(judge({ current: false })).toEqual([['warning', 'errand service install']]);
  expect(judge({ enabled: false })).toEqual([['warning', 'errand service install']]);
  expect(judge({ active: 'failed' })).toEqual([['fault', 'errand service restart']]);
  expect(judge({ active: 'activating', restarting: true, restarts: 6 })).toEqual([['fault', 'errand service logs --lines 200']]);
  expect(judge({ active: 'activating', says: 'the queue does not answer' })).toEqual([['warning', 'errand service logs']]);
  expect(judge({ unitPath: null, orphaned: true })).toEqual([['warning', 'errand service install']]);
  const elsewhere = { ERRAND_CONFIG: '/data/c.yaml', ERRAND_STATE_DIR: '/data/state of it' };
  expect(judge({ environment: elsewhere })).toEqual([
    ['warning', "env ERRAND_CONFIG=/data/c.yaml 'ERRAND_STATE_DIR=/data/state of it' errand doctor"],
  ]);
  // The same places in other words.
  expect(judge({ environment: { XDG_CONFIG_HOME: '/home/ada/.config' } })).toEqual([
    ['ok', 'the service is installed and active'],
  ]);
  expect(judge({ outdated: true })).toEqual([['note', 'errand service restart']]);
  expect(judge({ lingering: false })).toEqual([['warning', 'sudo loginctl enable-linger ada']]);
  const unreachable = { reachable: { ok: false, cause: 'no manager' }, enabled: false, active: 'unknown' };
  expect(judge(unreachable)).toEqual([['warning', 'the service manager cannot be asked about the service']]);
  expect(judge({ ...unreachable, lingering: false })).toEqual([['fault', 'sudo loginctl enable-linger ada']]);
  expect(judge({ scope: 'system', active: 'failed' })).toEqual([
    ['fault', 'sudo /home/ada/errand/scripts/errand service restart --system'],
  ]);
  expect(judge({ unitPath: null })).toEqual([['note', 'errand service install']]);
  expect(judge({ path: '/nowhere' })).toEqual([
    ['fault', 'errand service install'],
    ['fault', 'errand service install'],
  ]);
  expect(judge({}, ['command'])).toEqual([['warning', 'errand service install']]);
});
