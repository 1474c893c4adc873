import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

export type ProgramSearch = { ok: true; path: string } | { ok: false; reason: string };

/** Finds a program as `exec` would, in `searchPath` (a PATH) or from `cwd`; the reason reads `claude: not found in PATH`. */
export function findProgram(name: string, searchPath: string, cwd: string): ProgramSearch {
  const direct = name.includes('/');
  const candidates = direct
    ? [isAbsolute(name) ? name : join(cwd, name)]
    : searchPath.split(':').map((folder) => join(folder, name));
  const present = candidates.filter(isFile);
  const path = present.find(isExecutable);
  if (path !== undefined) return { ok: true, path };
  if (present[0] !== undefined) return { ok: false, reason: `${name}: not executable` };
  return { ok: false, reason: direct ? `${name}: no such file` : `${name}: not found in PATH` };
}

/** False also for what this user may not look at: PATH may name folders of others. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
