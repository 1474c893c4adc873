import type { ServerRepository } from './server-repository.ts';

/**
 * Lets clones leave files out, which git refuses unless the repository says otherwise: without that every machine downloads every result
 * that there ever was. Only in a bare repository, which is there to be pushed to, and only where nobody has decided it. Says whether it
 * did it, or on a dry run would.
 */
export async function allowFilters({ git }: ServerRepository, { dryRun }: { dryRun: boolean }): Promise<boolean> {
  if ((await git(['rev-parse', '--is-bare-repository'])).stdout.trim() !== 'true') return false;
  // Status 1 says that the key is not there.
  if ((await git(['config', '--local', '--get', 'uploadpack.allowFilter'])).exitCode !== 1) return false;
  return dryRun || (await git(['config', '--local', 'uploadpack.allowFilter', 'true'])).exitCode === 0;
}
