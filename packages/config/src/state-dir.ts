import { join } from 'node:path';
import { readHost } from './host.ts';
import { expandPath, xdgFolder } from './paths.ts';

/** Where a machine keeps its clones, journal and outbox: an absolute path that need not exist yet. */
export function stateDir(env: NodeJS.ProcessEnv): string {
  const { home, cwd } = readHost(env);
  if (env.ERRAND_STATE_DIR) return expandPath(env.ERRAND_STATE_DIR, cwd, home);
  return join(xdgFolder(env.XDG_STATE_HOME, join(home, '.local', 'state')), 'errand');
}
