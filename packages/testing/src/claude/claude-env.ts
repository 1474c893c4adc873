import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * An environment in which Claude Code knows only this model API and only folders within `folder` (made here). One retry, so
 * that a failure shows soon; an API key that is none. Add to it, or delete from it, what a test is about.
 */
export function claudeEnv(api: { readonly url: string }, folder: string): Record<string, string> {
  const [home, temporary, config] = ['home', 'tmp', 'claude'].map((name) => join(folder, name)) as [string, string, string];
  for (const made of [home, temporary, config]) mkdirSync(made, { recursive: true });
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: home,
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    TMPDIR: temporary,
    CLAUDE_CODE_TMPDIR: temporary,
    CLAUDE_CONFIG_DIR: config,
    ANTHROPIC_BASE_URL: api.url,
    ANTHROPIC_API_KEY: 'dummy',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_MAX_RETRIES: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
  };
}
