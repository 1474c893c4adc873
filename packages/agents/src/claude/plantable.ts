import { join } from 'node:path';
import type { ClaudeConfig } from './config.ts';

/**
 * What Claude Code obeys in its configuration folder, in one version or another: settings, instructions, programs, and the shell
 * lines that it runs ahead of a command. Its login (`.credentials.json`), its sessions (`projects`) and what it merely notes stay.
 */
const OBEYED = [
  '.claude.json',
  '.claude.json.backup',
  '.config.json',
  '.mcp.json',
  'CLAUDE.md',
  'agent-memory',
  'agents',
  'backups',
  'cache',
  'ccr',
  'commands',
  'cowork_plugins',
  'cowork_settings.json',
  'daemon.json',
  'dev-mods',
  'hooks',
  'keybindings.json',
  'launcher-settings.json',
  'local',
  'loop.md',
  'managed-mcp.json',
  'managed-settings.d',
  'managed-settings.json',
  'memory',
  'output-styles',
  'plugins',
  'policy-limits.json',
  'remote-settings-consent.json',
  'remote-settings.json',
  'rules',
  'seed-admin',
  'session-env',
  'settings.json',
  'settings.local.json',
  'shell-snapshots',
  'skills',
  'state',
  'themes',
  'workflows',
] as const;

/**
 * Attempts share that folder, and under `bypass` each of them may write there. A folder that the machine chose itself holds
 * what its owner wants there: nothing of it is ours to remove.
 */
export function listPlantable({ env, configDir }: ClaudeConfig): readonly string[] {
  return env.CLAUDE_CONFIG_DIR === undefined ? OBEYED.map((name) => join(configDir, name)) : [];
}
