import { mkdir } from 'node:fs/promises';
import { type ClaudeConfig, createClaudeAgent } from '@errand/agents';
import { removePlanted } from './remove-planted.ts';

/** Makes the folder of Claude's login and sessions, without what an attempt may have planted there. For who runs attempts: looking changes nothing. */
export async function prepareAccount(config: ClaudeConfig): Promise<void> {
  await mkdir(config.configDir, { recursive: true, mode: 0o700 });
  await removePlanted(createClaudeAgent(config).plantable);
}
