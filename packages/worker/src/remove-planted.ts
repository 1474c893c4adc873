import { lstat, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Removes what an earlier attempt may have planted for later ones to obey. A folder that was replaced by a link is left
 * alone, with all that is behind it: that would be somebody else's. Never rejects.
 */
export async function removePlanted(paths: readonly string[]): Promise<void> {
  const real = new Map<string, boolean>();
  for (const path of paths) {
    const folder = dirname(path);
    if (!real.has(folder)) real.set(folder, (await lstat(folder).catch(() => null))?.isDirectory() ?? false);
    if (real.get(folder)) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}
