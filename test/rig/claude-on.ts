import { type ClaudeVersion, type ModelApi, mustHaveClaude } from '@errand/testing';

/** Claude's settings in a machine's file: a real CLI that talks to this API and to nobody else. As root it would refuse to bypass permissions. */
export function claudeOn(
  api: Pick<ModelApi, 'url'>,
  version: ClaudeVersion,
  env: { readonly [name: string]: string } = {},
): { bin: string; env: { [name: string]: string } } {
  const login = 'CLAUDE_CODE_OAUTH_TOKEN' in env ? {} : { ANTHROPIC_API_KEY: 'dummy' };
  return {
    bin: mustHaveClaude(version),
    env: { ANTHROPIC_BASE_URL: api.url, IS_SANDBOX: '1', CLAUDE_CODE_MAX_RETRIES: '0', ...login, ...env },
  };
}
