import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentRequest, ClaudeConfig } from '@errand/agents';
import { type ClaudeVersion, claudeEnv, type ModelApi, mustHaveClaude, startModelApi, temporaryDirectory } from '@errand/testing';
import { sampleRequest } from '../../packages/agents/src/rig/sample-request.ts';

/** Where a real Claude Code runs: a model API and folders of its own. */
export interface ContractPlace extends AsyncDisposable {
  readonly api: ModelApi;
  /** Holds all that follows, and nothing else. */
  readonly folder: string;
  readonly cwd: string;
  /** The environment that a worker would give it, apart from the adapter's. */
  readonly env: Readonly<Record<string, string>>;
  readonly config: ClaudeConfig;
  readonly request: AgentRequest;
}

/** What a worker's environment has for every agent; the rest of the environment is the machine's for this one. */
const OF_WORKER = ['PATH', 'HOME', 'TMPDIR', 'LC_ALL', 'TZ'];

export async function contractPlace(version: ClaudeVersion): Promise<ContractPlace> {
  const directory = temporaryDirectory();
  const folder = directory.path;
  const api = await startModelApi();
  const cwd = join(folder, 'work');
  mkdirSync(cwd);
  const all = Object.entries(claudeEnv(api, folder));
  return {
    api,
    folder,
    cwd,
    env: Object.fromEntries(all.filter(([name]) => OF_WORKER.includes(name))),
    config: {
      bin: mustHaveClaude(version),
      env: Object.fromEntries(all.filter(([name]) => /^ANTHROPIC_|RETRIES$/.test(name))),
      configDir: join(folder, 'claude'),
      permissions: 'edits',
    },
    request: sampleRequest({ place: { cwd, home: join(folder, 'home'), tmp: join(folder, 'tmp') } }),
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}
