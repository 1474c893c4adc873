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

test('each thing that is not as it should be comes with what to do about it', () => {
  const text = renderServiceState(
    {
      manager: 'systemd-user',
      reachable: { ok: true },
      unitPath: '/home/me/.config/systemd/user/errand.service',
      current: false,
      foreign: false,
      enabled: true,
      active: 'active',
      lingering: false,
      path: '/usr/bin',
      mainPid: 42,
      restarts: 2,
      since: '2026-11-20T09:00:00.000Z',
      says: 'runs fix-login',
      outdated: true,
    },
    { user: 'me', root: '/home/me/errand' },
  );
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
