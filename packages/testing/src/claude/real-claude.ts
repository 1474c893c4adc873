import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The versions that `test/agents/` pins, newest first. */
export const CLAUDE_VERSIONS = ['2.1.328', '2.1.197'] as const;
export type ClaudeVersion = (typeof CLAUDE_VERSIONS)[number];

/** Where a pinned Claude Code is, or why it is not. */
export type RealClaude = { readonly bin: string } | { readonly missing: string };

/** The pinned Claude Code of this version, from `npm run agents:install`. */
export function realClaude(version: ClaudeVersion): RealClaude {
  const platform = `${process.platform}-${process.arch}`;
  if (platform !== 'linux-x64') return { missing: `Claude Code is pinned for linux-x64 alone, and this is ${platform}` };
  const bin = fileURLToPath(new URL(`../../../../test/agents/node_modules/claude-${version}/claude`, import.meta.url));
  return existsSync(bin) ? { bin } : { missing: `Claude Code ${version} is not installed: npm run agents:install` };
}

/**
 * What a `describe.skipIf` asks: why tests with the real Claude Code cannot run here, or null. Under `CI=true` always null,
 * so that they run, and fail in `mustHaveClaude`.
 */
export function whyNoClaude(versions: readonly ClaudeVersion[] = CLAUDE_VERSIONS): string | null {
  if (process.env.CI === 'true') return null;
  for (const version of versions) {
    const found = realClaude(version);
    if ('missing' in found) return found.missing;
  }
  return null;
}

/** The program's path; throws why it is missing. */
export function mustHaveClaude(version: ClaudeVersion): string {
  const found = realClaude(version);
  if ('missing' in found) throw new Error(found.missing);
  return found.bin;
}
