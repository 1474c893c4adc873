import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export type OwnCgroup = { ok: true; path: string } | { ok: false; reason: string };

/** The directory of this process's own control group (version 2), wherever that hierarchy is mounted. */
export function findOwnCgroup(): OwnCgroup {
  if (process.platform !== 'linux') return { ok: false, reason: `${process.platform} has no control groups` };
  try {
    return locateCgroup(readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync('/proc/self/cgroup', 'utf8'));
  } catch (error) {
    return { ok: false, reason: `/proc cannot be read: ${(error as Error).message}` };
  }
}

/** Finds a group's directory from the texts of `/proc/<pid>/mountinfo` and `/proc/<pid>/cgroup`. */
export function locateCgroup(mountinfo: string, cgroup: string): OwnCgroup {
  const mount = mountinfo
    .split('\n')
    .map((line) => line.split(' '))
    .find((fields) => fields[fields.indexOf('-') + 1] === 'cgroup2');
  if (mount === undefined) return { ok: false, reason: 'no cgroup v2 hierarchy is mounted' };
  const [, , , root = '/', mountPoint = ''] = mount;
  const own = cgroup
    .split('\n')
    .find((line) => line.startsWith('0::'))
    ?.slice('0::'.length);
  if (own === undefined) return { ok: false, reason: 'this process is in no cgroup v2 group' };
  const below = relative(root, own);
  if (own.startsWith('/..') || below.startsWith('..')) {
    return { ok: false, reason: `this process's group ${own} is outside what is mounted at ${mountPoint}` };
  }
  return { ok: true, path: join(decodeMountPath(mountPoint), below) };
}

/** The kernel writes blank, tab, newline and backslash in paths as octal. */
function decodeMountPath(path: string): string {
  return path.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
