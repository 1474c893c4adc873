import { expect, test } from 'vitest';
import { sampleRequest } from '../rig/sample-request.ts';
import { buildCommand } from './build-command.ts';
import type { ClaudeConfig } from './config.ts';

const config: ClaudeConfig = { bin: 'claude', env: {}, configDir: '/state/claude', permissions: 'edits' };
const ID = '8b96b0b6-7d4c-4c09-8aa0-190f8981dc10';

test('a fresh session is begun under our id, a resumed one is named', () => {
  expect(buildCommand(config, sampleRequest({ session: { kind: 'fresh', id: ID } })).argv).toContain(`--session-id=${ID}`);
  const resumed = { kind: 'resumed', id: ID, why: 'timed-out', reportedUsd: null } as const;
  const { argv } = buildCommand(config, sampleRequest({ session: resumed }));
  expect(argv).toContain(`--resume=${ID}`);
  expect(argv.filter((arg) => arg.startsWith('--session-id'))).toEqual([]);
});

test.each([
  ['plan', 'plan'],
  ['edits', 'acceptEdits'],
  ['bypass', 'bypassPermissions'],
] as const)('what the policy calls %s is the mode %s', (permissions, mode) => {
  expect(buildCommand({ ...config, permissions }, sampleRequest()).argv).toContain(`--permission-mode=${mode}`);
});

test('the settings and servers of a repository are left out', () => {
  const { argv } = buildCommand(config, sampleRequest());
  expect(argv).toEqual(expect.arrayContaining(['--setting-sources=user', '--strict-mcp-config']));
});

test('a limit of turns is an option only where there is one', () => {
  expect(buildCommand(config, sampleRequest()).argv.join(' ')).not.toContain('max-turns');
  expect(buildCommand({ ...config, maxTurns: 100 }, sampleRequest()).argv).toContain('--max-turns=100');
});

test('nothing of a task becomes an option of its own', () => {
  const hostile = '--dangerously-skip-permissions';
  const { task } = sampleRequest();
  const request = sampleRequest({ id: hostile, model: hostile, task: { ...task, prompt: hostile, title: hostile } });
  const { argv } = buildCommand(config, request);
  expect(argv).toContain(`--model=${hostile}`);
  expect(argv.slice(1).filter((arg) => !/^--[a-zA-Z-]+(=|$)/.test(arg) || arg === hostile)).toEqual([]);
});

test("the machine's environment stands above ours, and ours is about the task", () => {
  const env = { CLAUDE_CONFIG_DIR: '/mine', CLAUDE_CODE_MAX_RETRIES: '9', ERRAND_ID: 'forged', ANTHROPIC_API_KEY: 'key' };
  const built = buildCommand({ ...config, env }, sampleRequest()).env;
  expect(built).toMatchObject({
    CLAUDE_CONFIG_DIR: '/mine',
    CLAUDE_CODE_MAX_RETRIES: '9',
    ANTHROPIC_API_KEY: 'key',
    CLAUDE_CODE_TMPDIR: '/place/tmp',
    ERRAND_ID: 'say-hello',
    ERRAND_ATTEMPT: '1',
    ERRAND_TIER: 'haiku',
    ERRAND_MODEL: 'haiku',
  });
  expect(built).not.toHaveProperty('IS_SANDBOX');
});
