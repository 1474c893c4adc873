import { existsSync, readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { temporaryDirectory } from '../temporary-directory.ts';
import { claudeEnv } from './claude-env.ts';
import { CLAUDE_VERSIONS, type ClaudeVersion, mustHaveClaude, realClaude, whyNoClaude } from './real-claude.ts';

const NOT_PINNED = '0.0.0' as ClaudeVersion;

afterEach(() => {
  vi.unstubAllEnvs();
});

test('the versions are the ones that are pinned', () => {
  const pins = new URL('../../../../test/agents/package.json', import.meta.url);
  const { dependencies } = JSON.parse(readFileSync(pins, 'utf8')) as { dependencies: Record<string, string> };
  const expected = CLAUDE_VERSIONS.map((version) => [`claude-${version}`, `npm:@anthropic-ai/claude-code-linux-x64@${version}`]);
  expect(Object.entries(dependencies).sort()).toEqual(expected.sort());
});

test('a Claude Code that is not there is missing, with what to do', () => {
  const found = realClaude(NOT_PINNED);
  expect(found).toEqual({ missing: expect.stringMatching(/npm run agents:install|linux-x64 alone/) });
  expect(() => mustHaveClaude(NOT_PINNED)).toThrow(/npm run agents:install|linux-x64 alone/);
});

test('tests that need it are skipped on a machine without it, never in CI', () => {
  vi.stubEnv('CI', undefined);
  const absent = CLAUDE_VERSIONS.some((version) => 'missing' in realClaude(version));
  expect(whyNoClaude() !== null).toBe(absent);
  expect(whyNoClaude([NOT_PINNED])).toMatch(/npm run agents:install|linux-x64 alone/);
  vi.stubEnv('CI', 'true');
  expect(whyNoClaude([NOT_PINNED])).toBeNull();
});

test('its environment has folders of its own, and of the developer only PATH', async () => {
  await using folder = temporaryDirectory();
  vi.stubEnv('ANTHROPIC_AUTH_TOKEN', 'secret');
  const env = claudeEnv({ url: 'http://127.0.0.1:1' }, folder.path);
  expect(env).toMatchObject({ ANTHROPIC_BASE_URL: 'http://127.0.0.1:1', ANTHROPIC_API_KEY: 'dummy', PATH: process.env.PATH });
  expect(env).not.toHaveProperty('ANTHROPIC_AUTH_TOKEN');
  for (const name of ['HOME', 'TMPDIR', 'CLAUDE_CODE_TMPDIR', 'CLAUDE_CONFIG_DIR']) {
    expect(env[name]?.startsWith(folder.path)).toBe(true);
    expect(existsSync(env[name] ?? '')).toBe(true);
  }
});
