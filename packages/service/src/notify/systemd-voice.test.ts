import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SystemdVoice } from './systemd-voice.ts';
import { takeNotifyEnvironment } from './take-environment.ts';

const MINUTE = 60_000;
let said: string[][];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  said = [];
});
afterEach(() => vi.useRealTimers());

function speak(watchdogMs: number | null): SystemdVoice {
  return new SystemdVoice({ watchdogMs, send: async (assignments) => void said.push([...assignments]) });
}

/** So much time goes by; what was said in it. */
async function after(ms: number): Promise<string[]> {
  said = [];
  await vi.advanceTimersByTimeAsync(ms);
  return said.flat();
}

test('until it is ready it asks for more time, as long as its loop goes on, and then no more', async () => {
  const voice = speak(5 * MINUTE);
  expect(await after(1)).toEqual(['EXTEND_TIMEOUT_USEC=180000000']);
  for (let minute = 0; minute < 10; minute++) {
    voice.step();
    expect(await after(MINUTE)).toEqual(['EXTEND_TIMEOUT_USEC=180000000']);
  }
  expect((await after(10 * MINUTE)).filter((line) => line.startsWith('EXTEND'))).toHaveLength(4);
  await voice.close();
});

test('ready is said once; then it is alive while the loop makes steps', async () => {
  const voice = speak(3 * MINUTE);
  voice.ready('waits for tasks');
  voice.ready('waits for tasks');
  expect((await after(1)).filter((line) => line === 'READY=1')).toHaveLength(1);
  for (let i = 0; i < 5; i++) {
    voice.step();
    expect(await after(MINUTE)).toEqual(['WATCHDOG=1']);
  }
  expect((await after(30 * MINUTE)).filter((line) => line === 'WATCHDOG=1')).toHaveLength(2);
  await voice.close();
});

test('a rest of a week is vouched for, and what begins after it is not trusted longer than any step', async () => {
  const voice = speak(3 * MINUTE);
  voice.ready('waits for tasks');
  voice.rest(7 * 24 * 60 * MINUTE);
  expect((await after(24 * 60 * MINUTE)).filter((line) => line === 'WATCHDOG=1')).toHaveLength(24 * 60);
  voice.step();
  expect((await after(30 * MINUTE)).filter((line) => line === 'WATCHDOG=1')).toHaveLength(3);
  await voice.close();
});

test('a status is said where it is new, on one line', async () => {
  const voice = speak(null);
  voice.ready('waits for tasks');
  voice.status('runs a');
  voice.status('runs a');
  voice.status('runs a\nREADY=0');
  expect((await after(60 * MINUTE)).filter((line) => line.startsWith('STATUS'))).toEqual([
    'STATUS=waits for tasks',
    'STATUS=runs a',
    'STATUS=runs a READY=0',
  ]);
  await voice.close();
});

test('where nobody watches, nothing is said of being alive', async () => {
  const voice = speak(null);
  voice.ready('waits for tasks');
  await after(1);
  expect(await after(60 * MINUTE)).toEqual([]);
  await voice.close();
});

test('stopping asks for the time that the worker may need', async () => {
  const voice = speak(3 * MINUTE);
  voice.stopping(60 * MINUTE, 'stops');
  voice.stopping(60 * MINUTE, 'stops');
  expect((await after(60 * MINUTE)).slice(-3)).toEqual(['STOPPING=1', 'EXTEND_TIMEOUT_USEC=3660000000', 'STATUS=stops']);
  await voice.close();
});

test.each([
  [{}, null],
  [{ NOTIFY_SOCKET: '/run/notify' }, { socket: '/run/notify', watchdogMs: null }],
  [
    { NOTIFY_SOCKET: '@abstract', WATCHDOG_USEC: '300000000' },
    { socket: '@abstract', watchdogMs: 300_000 },
  ],
  [
    { NOTIFY_SOCKET: '/n', WATCHDOG_USEC: '1500000', WATCHDOG_PID: '7' },
    { socket: '/n', watchdogMs: 1_500 },
  ],
  [
    { NOTIFY_SOCKET: '/n', WATCHDOG_USEC: '1500000', WATCHDOG_PID: '8' },
    { socket: '/n', watchdogMs: null },
  ],
  [{ NOTIFY_SOCKET: 'vsock:2:1' }, null],
])('what systemd gave is taken out of the environment: %j', (given, taken) => {
  const env: NodeJS.ProcessEnv = { ...given, PATH: '/bin' };
  expect(takeNotifyEnvironment(env, 7)).toEqual(taken);
  expect(env).toEqual({ PATH: '/bin' });
});
