import type { Check } from '../check.ts';
import { compareVersions, versionNumbers } from '../compare-versions.ts';
import { type Found, ok } from '../finding.ts';
import { runProgram } from '../run-program.ts';

const GIT_NEEDED = '2.34';
const NODE_NEEDED = '20.19';

/** Is git there, and new enough. */
export const git: Check = {
  name: 'git',
  limitMs: 15_000,
  look: async ({ env, signal }) => {
    const shown = await runProgram('git', ['--version'], { env, signal });
    return judgeGit(shown.ok ? shown.stdout : null);
  },
};

export function judgeGit(shown: string | null): Found[] {
  const version = shown === null ? [] : versionNumbers(shown);
  if (version.length === 0) {
    return [
      {
        state: 'fault',
        what: 'git cannot be started',
        why: 'the queue is a git repository',
        remedy: 'Install git, and see that it is in PATH.',
      },
    ];
  }
  const name = version.join('.');
  if (compareVersions(version, versionNumbers(GIT_NEEDED)) >= 0) return ok(`git ${name}`);
  const why = `errand needs git ${GIT_NEEDED}: older ones do not do all that it asks of a push`;
  return [{ state: 'fault', what: `git ${name} is too old`, why, remedy: `Install git ${GIT_NEEDED} or later.` }];
}

/** Is Node new enough. */
export const node: Check = {
  name: 'node',
  limitMs: 1_000,
  look: async () => judgeNode(process.versions.node),
};

export function judgeNode(version: string): Found[] {
  if (compareVersions(versionNumbers(version), versionNumbers(NODE_NEEDED)) >= 0) return ok(`Node ${version}`);
  const why = `errand needs Node ${NODE_NEEDED} or later`;
  return [{ state: 'fault', what: `Node ${version} is too old`, why, remedy: `Install Node ${NODE_NEEDED} or later.` }];
}
