import { posix } from 'node:path';
import { classifyRemote } from '@errand/config';

/** A word for a POSIX shell, quoted where it must be. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A path for a POSIX shell. A home folder at its beginning (`~`, `~me`) is left for the shell to fill in. */
export function shellPath(path: string): string {
  const [home = ''] = /^~[A-Za-z0-9_.-]*(?:\/|$)/.exec(path) ?? [];
  const rest = path.slice(home.length);
  return rest === '' && home !== '' ? home : `${home}${shellWord(rest)}`;
}

/** Where the repository of a remote is: on this machine, on a server that is known, or on one of which only the address is. */
export interface Place {
  /** Absolute on this machine, or what the server is asked for (`q.git`, `~me/q.git`); null where an address does not tell. */
  path: string | null;
  isHere: boolean;
}

/** Finds where the repository behind a remote is, as far as its name tells. */
export function locateRepository(remote: string): Place {
  const found = classifyRemote(remote);
  switch (found.kind) {
    case 'path':
      return { path: remote, isHere: true };
    case 'ssh':
      return { path: remote.replace(/^(?:[^@/:]+@)?(?:\[[^\]]+\]|[^:/]*):/, ''), isHere: false };
    case 'url': {
      const path = pathOfUrl(remote);
      if (found.scheme === 'file') return { path, isHere: true };
      // Over ssh a home folder stands behind the slash that a URL must have.
      return { path: /ssh/.test(found.scheme) ? (path?.replace(/^\/~/, '~') ?? null) : null, isHere: false };
    }
    case 'helper':
      return { path: null, isHere: false };
  }
}

function pathOfUrl(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { pathname } = new URL(url);
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname; // A percent sign that stands for itself.
  }
}

/**
 * Whether a path that somebody else named (the server, a hook) is the repository behind the remote, or lies in it. Where that is
 * not known, it is no part of a command: it would be typed on trust.
 */
export function isInRepository(remote: string, path: string): boolean {
  const root = locateRepository(remote).path?.replace(/(?<=.)\/+$/, '');
  if (!root?.startsWith('/') || !path.startsWith('/') || path.split('/').includes('..')) return false;
  return `${posix.normalize(path)}/`.startsWith(`${posix.normalize(root)}/`);
}

/** A git command for the repository behind the remote, and the words before it that say where to type it. */
export function gitThere(remote: string, args: readonly string[]): { where: string; command: string } {
  const { path, isHere } = locateRepository(remote);
  const command = `git -C ${path === null ? 'REPOSITORY' : shellPath(path)} ${args.map(shellWord).join(' ')}`;
  if (isHere) return { where: 'In the repository', command };
  return { where: path === null ? 'On the server, in the repository' : 'On the server', command };
}
