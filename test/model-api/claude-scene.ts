import { type ClaudeVersion, type ModelApi, type Step, startModelApi, temporaryDirectory } from '@errand/testing';
import { ClaudeRun } from './claude-run.ts';

/** A model API with its script, and a folder for a Claude Code of this version. */
export interface ClaudeScene extends AsyncDisposable {
  readonly api: ModelApi;
  /** Absolute; Claude Code works in its `cwd`. */
  readonly folder: string;
  start(options?: ConstructorParameters<typeof ClaudeRun>[3]): ClaudeRun;
}

export async function openScene(
  version: ClaudeVersion,
  script: readonly Step[] | ((folder: string) => readonly Step[]),
): Promise<ClaudeScene> {
  const folder = temporaryDirectory();
  const api = await startModelApi();
  api.script(typeof script === 'function' ? script(folder.path) : script);
  return {
    api,
    folder: folder.path,
    start: (options) => new ClaudeRun(version, api, folder.path, options),
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
