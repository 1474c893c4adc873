import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { type Guard, probeContainment, startGuard } from '@errand/workspace';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Checked, type CheckPlace, checkClaude } from './check-claude.ts';

const DAY_MS = 24 * 60 * 60_000;
const YES = { type: 'result', subtype: 'success', is_error: false, result: 'Yes' };
const NO = { ...YES, is_error: true, api_error_status: 401, result: 'invalid x-api-key' };

let folder: TemporaryDirectory;
let guard: Guard;

beforeEach(() => {
  folder = temporaryDirectory();
  guard = startGuard({ ttlMs: 60_000 });
});

afterEach(async () => {
  await guard.stop();
  await folder[Symbol.asyncDispose]();
});

/** A program that answers like Claude Code, and keeps a list of how often it was asked for a word. */
async function install(answer: object, { version = '2.1.328 (Claude Code)', name = 'claude' } = {}): Promise<string> {
  const bin = join(folder.path, name);
  const word = `echo asked >> ${folder.path}/asked; cat > /dev/null; echo '${JSON.stringify(answer)}'`;
  await writeFile(bin, `#!/bin/sh\nif [ "$1" = --version ]; then echo '${version}'; else ${word}; fi\n`, { mode: 0o755 });
  return bin;
}

async function check(bin: string, options: Partial<CheckPlace> & { env?: Record<string, string> } = {}): Promise<Checked> {
  const { env = {}, ...rest } = options;
  const contained = await probeContainment('tree');
  if (!contained.ok) throw new Error(contained.message);
  const place = { stateDir: folder.path, containment: contained.containment, guard, now: () => 0, doubted: false, ...rest };
  return checkClaude({ bin, env, configDir: folder.path, permissions: 'plan' }, place);
}

const timesAsked = async (): Promise<number> =>
  (await readFile(join(folder.path, 'asked'), 'utf8').catch(() => '')).split('\n').length - 1;

const good: Checked = { ok: true, version: '2.1.328', login: { kind: 'logged-in' } };

test('a login that works is asked for once a day, for each binary and each set of credentials', async () => {
  const bin = await install(YES);
  expect(await check(bin)).toEqual(good);
  expect(await check(bin, { now: () => DAY_MS - 1 })).toEqual(good);
  expect(await timesAsked()).toBe(1);
  await check(bin, { now: () => DAY_MS });
  await check(bin, { now: () => DAY_MS, env: { ANTHROPIC_API_KEY: 'another' } });
  await check(await install(YES, { name: 'claude-2' }), { now: () => DAY_MS, env: { ANTHROPIC_API_KEY: 'another' } });
  expect(await timesAsked()).toBe(4);
});

test('a login that an attempt has found gone is asked for anew', async () => {
  const bin = await install(YES);
  await check(bin);
  expect(await check(bin, { doubted: true })).toEqual(good);
  expect(await timesAsked()).toBe(2);
});

test('a login that does not work is not remembered', async () => {
  const bin = await install(NO);
  const login = { kind: 'not-logged-in', cause: expect.stringContaining('401') };
  expect(await check(bin)).toEqual({ ...good, login });
  expect(await check(bin)).toEqual({ ...good, login });
  expect(await timesAsked()).toBe(2);
});

test('what does not answer like Claude Code is asked for no word', async () => {
  expect(await check(await install(YES, { version: 'chess 1.0' }))).toMatchObject({
    ok: false,
    cause: expect.stringMatching(/claude --version does not answer like Claude Code: chess 1\.0$/),
  });
  expect(await timesAsked()).toBe(0);
});
