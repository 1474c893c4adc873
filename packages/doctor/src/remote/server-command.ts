import { classifyRemote } from '@errand/config';

/** A word for a POSIX shell, quoted where it must be. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Where the repository of a remote is: on this machine, on a server that is known, or on one of which only the address is. */
export interface Place {
  /** Absolute on this machine, or the path that the server is asked for; null where an address does not tell. */
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
      return { path: remote.slice(remote.indexOf(':') + 1), isHere: false };
    case 'url': {
      const path = URL.canParse(remote) ? decodeURIComponent(new URL(remote).pathname) : null;
      if (found.scheme === 'file') return { path, isHere: true };
      return { path: /ssh/.test(found.scheme) ? path : null, isHere: false };
    }
    case 'helper':
      return { path: null, isHere: false };
  }
}

/** A git command for the repository behind the remote, and the words before it that say where to type it. */
export function gitThere(remote: string, args: readonly string[]): { where: string; command: string } {
  const { path, isHere } = locateRepository(remote);
  const command = `git -C ${path === null ? 'REPOSITORY' : shellWord(path)} ${args.map(shellWord).join(' ')}`;
  if (isHere) return { where: 'In the repository', command };
  return { where: path === null ? 'On the server, in the repository' : 'On the server', command };
}
