import type { ServiceState } from '@errand/service';
import { expect, test } from 'vitest';
import { cliScene } from '../rig/cli-scene.ts';
import { renderServiceState } from '../service/render-service.ts';

test.each([
  [['begin'], 'there is no errand service begin\n  There is install, uninstall, status, logs, restart.'],
  [['stat'], 'Did you mean errand service status?'],
  [['status', '--lines', '3'], '--lines has no meaning for status'],
  [['restart', '--dry-run'], '--dry-run has no meaning for restart'],
  [['logs', '--lines', 'many'], '--lines is a whole number'],
  [['install', '--user', 'root'], '--user is for --system'],
  [['install', '--system', '--user', 'no-such-user'], 'there is no user no-such-user'],
])('errand service %j is a usage error that says what is wrong', async (args, message) => {
  await using scene = await cliScene();
  const result = await scene.errand('service', ...args);
  expect([result.exitCode, result.stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('a machine without a configuration is told to join a queue first', async () => {
  await using scene = await cliScene();
  const result = await scene.errand('service', 'install');
  expect([result.exitCode, result.stderr]).toEqual([3, expect.stringContaining('errand join')]);
});

const STATE: ServiceState = {
  manager: 'systemd-user',
  scope: 'user',
  reachable: { ok: true },
  unitPath: '/home/me/.config/systemd/user/errand.service',
  current: true,
  foreign: false,
  orphaned: false,
  enabled: true,
  active: 'active',
  restarting: false,
  lingering: true,
  path: '/usr/bin',
  environment: {},
  mainPid: 42,
  restarts: 0,
  since: null,
  says: 'runs fix-login',
  outdated: false,
};
const HOST = { user: 'me', root: '/home/me/errand' };

test('each thing that is not as it should be comes with what to do about it', () => {
  const since = '2026-11-20T09:00:00.000Z';
  const text = renderServiceState({ ...STATE, current: false, lingering: false, restarts: 2, since, outdated: true }, HOST);
  expect(text).toBe(`worker  active, since 2026-11-20 09:00:00 UTC, process 42, started again by itself 2 times
says    runs fix-login
starts  when me logs in
file    /home/me/.config/systemd/user/errand.service (systemd, of this user)
PATH    /usr/bin
! The worker that runs is older than the checkout: run errand service restart
! An installation would write another file now: run errand service install
! It stops when me logs out: run sudo loginctl enable-linger me
`);
});

test.each([
  [{ active: 'activating', restarting: true, restarts: 5 }, '! It does not stay up', 'errand service logs --lines 200'],
  [{ active: 'activating' }, '! It has not reached the queue yet', 'errand service logs'],
  [{ active: 'failed', mainPid: null }, '! It failed', 'errand service restart'],
  [{ active: 'inactive', mainPid: null }, '! It is stopped, and no worker runs', 'errand service restart'],
  [{ unitPath: null, orphaned: true }, 'still runs (process 42)', 'errand service uninstall'],
  [{ unitPath: null, reachable: { ok: false, cause: 'no bus' } }, 'No service: no bus', 'sudo loginctl enable-linger me'],
] as const)('a worker that is not at work is told as such, with what to type: %j', (changes, what, remedy) => {
  const text = renderServiceState({ ...STATE, ...changes }, HOST);
  expect([text, text]).toEqual([expect.stringContaining(what), expect.stringContaining(remedy)]);
  // What the worker that is gone said last is not what holds now.
  expect(text.includes('says    runs fix-login')).toBe(text.includes('\nfile ') && !('mainPid' in changes));
});
