import { expect, test } from 'vitest';
import { createCommandAgent } from '../command.ts';
import { createClaudeAgent } from './claude-agent.ts';

const config = { bin: 'claude', env: {}, configDir: '/state/agents/claude', permissions: 'edits' } as const;

test('what Claude Code obeys in a folder of ours may have been planted there, its login and its sessions may not go', () => {
  const { plantable } = createClaudeAgent(config);
  expect(plantable).toContain('/state/agents/claude/settings.json');
  expect(plantable).toContain('/state/agents/claude/session-env');
  for (const name of ['', '/.credentials.json', '/projects', '/sessions']) {
    expect(plantable).not.toContain(`/state/agents/claude${name}`);
  }
  expect(plantable.every((path) => path.startsWith('/state/agents/claude/'))).toBe(true);
});

test('a folder that the machine chose is not tidied, and a command has none', () => {
  expect(createClaudeAgent({ ...config, env: { CLAUDE_CONFIG_DIR: '/home/me/.claude' } }).plantable).toEqual([]);
  expect(createCommandAgent({ argv: ['true'] }).plantable).toEqual([]);
});
