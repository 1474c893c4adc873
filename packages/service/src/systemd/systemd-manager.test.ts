import { expect, test } from 'vitest';
import { recordingHost } from '../rig/recording-host.ts';
import { readProperties } from './properties.ts';
import { systemdManager } from './systemd-manager.ts';

const NOW = { monotonicMs: 100_000, wallMs: Date.UTC(2026, 10, 20, 9) };

test('the times of systemd are read on its own clock: a wall clock that was set since does not matter', () => {
  const text = [
    'UnitFileState=enabled',
    'ActiveState=active',
    'SubState=running',
    'FragmentPath=/u/errand.service',
    'Environment=A=1 "PATH=/my bin:/usr/bin" PATHS=x',
    'MainPID=42',
    'NRestarts=3',
    'StatusText=runs a=b',
    'StateChangeTimestampMonotonic=40000000',
    'ExecMainStartTimestampMonotonic=39000000',
  ].join('\n');
  expect(readProperties(text, NOW)).toEqual({
    enabled: true,
    active: 'active',
    restarting: false,
    unitPath: '/u/errand.service',
    path: '/my bin:/usr/bin',
    mainPid: 42,
    restarts: 3,
    says: 'runs a=b',
    since: '2026-11-20T08:59:00.000Z',
    startedAtMs: NOW.wallMs - 61_000,
  });
});

test('a service that ends and is started again and again is not merely starting', () => {
  const shown = (sub: string, restarts: number) =>
    readProperties(`ActiveState=activating\nSubState=${sub}\nNRestarts=${restarts}\nEnvironment=PATH=/usr/bin`, NOW);
  expect(shown('start', 0)).toMatchObject({ restarting: false, path: '/usr/bin' });
  expect(shown('start', 2)).toMatchObject({ restarting: true });
  expect(shown('auto-restart', 0)).toMatchObject({ restarting: true });
});

test('a unit whose folder systemd does not look in is told as that, and one without a file can be stopped', async () => {
  const host = recordingHost({ home: '/home/me', env: { XDG_CONFIG_HOME: '/data/config', HOME: '/home/me' } });
  const missing = { exitCode: 1, stderr: 'Failed to enable unit: Unit file errand.service does not exist.\n' };
  host.answers.set('systemctl --user --no-ask-password enable', missing);
  host.answers.set('systemctl --user --no-ask-password disable', missing);
  const manager = systemdManager(host, 'user');
  expect(await manager.enable(1_000)).toMatchObject({
    ok: false,
    failure: { code: 'unit-not-seen', message: expect.stringContaining('/data/config') },
  });
  expect(await manager.disable(1_000)).toEqual({ ok: true });
  host.answers.set('systemctl --user --no-ask-password stop', { exitCode: 1, stderr: 'Job failed.\n' });
  expect(await manager.disable(1_000)).toMatchObject({ ok: false, failure: { code: 'systemctl-failed' } });
});

test('a manager that does not answer is unknown, not inactive', () => {
  expect(readProperties('', NOW)).toMatchObject({ active: 'unknown', enabled: false, mainPid: null, restarts: null });
});

test('an installation loads, enables and starts; a start that takes long goes on without us', async () => {
  const host = recordingHost({ home: '/home/me' });
  const manager = systemdManager(host, 'user');
  expect(await manager.enable(1_000)).toEqual({ ok: true, ready: true });
  expect(host.calls).toEqual([
    'systemctl --user --no-ask-password daemon-reload',
    'systemctl --user --no-ask-password enable -- errand.service',
    'systemctl --user --no-ask-password restart -- errand.service',
  ]);
  host.answers.set('systemctl --user --no-ask-password restart', { exitCode: null, timedOut: true });
  expect(await manager.restart(1_000)).toEqual({ ok: true, ready: false });
});

test('what a user may not do is told with the way in which root may', async () => {
  const host = recordingHost({ home: '/home/me' });
  host.answers.set('systemctl --no-ask-password enable', { exitCode: 1, stderr: 'Failed to enable unit: Access denied\n' });
  expect(await systemdManager(host, 'system').enable(1_000)).toMatchObject({
    ok: false,
    failure: {
      code: 'not-allowed',
      message: 'systemctl enable failed: Failed to enable unit: Access denied',
      hint: 'Root may: sudo /home/me/errand/scripts/errand service install --system',
    },
  });
  // The worker runs on: that is not one that did not start.
  host.answers.set('systemctl --no-ask-password restart', { exitCode: 1, stderr: 'Interactive authentication required.\n' });
  expect(await systemdManager(host, 'system').restart(1_000)).toMatchObject({
    ok: false,
    failure: { code: 'not-allowed', hint: expect.stringContaining('service restart --system') },
  });
});

test('whoever came by su, without a session, is told what is missing', async () => {
  const host = recordingHost({ home: '/home/me' });
  host.answers.set('systemctl --user', { exitCode: 1, stderr: 'Failed to connect to bus: No medium found\n' });
  expect(await systemdManager(host, 'user').reach()).toEqual({
    ok: false,
    cause: 'no systemd manager runs for me (Failed to connect to bus: No medium found)',
  });
});
