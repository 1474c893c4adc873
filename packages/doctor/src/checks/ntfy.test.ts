import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadMachineConfig } from '@errand/config';
import { hermeticEnv, type NtfyTestServer, startNtfyServer, temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { examine } from '../examine.ts';
import { ntfy } from './ntfy.ts';

async function see(server: NtfyTestServer, { offline = false } = {}) {
  await using folder = temporaryDirectory();
  const env = hermeticEnv(folder.path);
  await mkdir(join(folder.path, 'home/.config/errand'), { recursive: true });
  await writeFile(
    join(folder.path, 'home/.config/errand/config.yaml'),
    `queue: /q\nmachine: pi\nntfy: { server: "${server.url}", topic: errand, wake: errand-wake, token: tk_words }\n`,
  );
  const findings = await examine({
    env,
    config: await loadMachineConfig(env),
    stateDir: join(folder.path, 'state'),
    version: '0.1.0',
    offline,
    fix: false,
    signal: new AbortController().signal,
    checks: [ntfy],
  });
  expect(JSON.stringify(findings)).not.toContain('tk_words');
  return findings;
}

test('a silent notification goes out, and a message to the wake topic comes back', async () => {
  await using server = await startNtfyServer({ tokens: ['tk_words'] });
  expect(await see(server)).toMatchObject([{ state: 'ok' }, { state: 'ok', what: expect.stringContaining('came back') }]);
  expect(server.messages('errand')).toMatchObject([{ priority: 1, title: 'errand doctor on pi' }]);
  expect(server.subscribers('errand-wake')).toBe(0);
});

test('a server that does not answer, or knows no such token, is a fault of notifications and a warning for the wake topic', async () => {
  await using server = await startNtfyServer({ tokens: ['tk_words'] });
  server.refuseToken();
  expect(await see(server)).toMatchObject([
    { state: 'fault', remedy: expect.stringContaining('token') },
    { state: 'warning', why: expect.stringContaining('next poll') },
  ]);
  await server.goAway();
  expect(await see(server)).toMatchObject([{ state: 'fault' }, { state: 'warning' }]);
});

test('nothing is sent offline', async () => {
  await using server = await startNtfyServer({ tokens: ['tk_words'] });
  expect(await see(server, { offline: true })).toEqual([]);
  expect(server.requests).toEqual([]);
});
