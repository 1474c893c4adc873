import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const OWN = ['refs/remotes', 'refs/tags', 'refs/errand'];
const STALE_MS = 60_000;

/**
 * Removes the lock files that a git which was killed has left in a shared repository. Call it while holding the clone's own
 * lock: then nobody else fetches, and only a lock on what agents write too may be alive, for a moment.
 */
export async function removeStaleLocks(cache: string): Promise<void> {
  for (const folder of OWN) {
    const names = await readdir(join(cache, folder), { recursive: true }).catch(() => []);
    for (const name of names) if (name.endsWith('.lock')) await rm(join(cache, folder, name), { force: true });
  }
  for (const name of ['packed-refs.lock', 'config.lock', 'HEAD.lock', 'shallow.lock']) {
    const found = await stat(join(cache, name)).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > STALE_MS) await rm(join(cache, name), { force: true });
  }
}
