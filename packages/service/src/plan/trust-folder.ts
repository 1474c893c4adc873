import { lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

/** Whose the programs are to be that a service finds. */
export interface Owner {
  user: string;
  uid: number;
}

const MOST_LINKS = 40;
const ROOT = 0;
/** On a Mac, whoever is in `admin` (Homebrew's folders are) may become root. */
const GROUPS_OF_ROOT = process.platform === 'darwin' ? [0, 80] : [0];

/**
 * Whether nobody but its owner and root can put another program into a folder: neither there nor in any folder on the way to it,
 * where somebody could put another folder in its place. Links are followed one by one, since each may lead through other people's.
 */
export function isTrustedFolder(folder: string, owner: Owner): boolean {
  if (!isAbsolute(folder)) return false;
  const left = namesOf(folder);
  let at = '/';
  let links = 0;
  try {
    if (!isKept(lstatSync(at), owner, left.length > 0)) return false;
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const next = name === '..' ? dirname(at) : join(at, name);
      const entry = lstatSync(next);
      if (entry.isSymbolicLink()) {
        if (++links > MOST_LINKS || !isOwned(entry, owner)) return false;
        const target = readlinkSync(next);
        if (isAbsolute(target)) at = '/';
        left.unshift(...namesOf(target));
        continue;
      }
      if (!entry.isDirectory() || !isKept(entry, owner, left.length > 0)) return false;
      at = next;
    }
    return true;
  } catch {
    return false;
  }
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function isKept(entry: Stats, owner: Owner, isOnTheWay: boolean): boolean {
  if (!isOwned(entry, owner)) return false;
  // Where the sticky bit is set, as on /tmp, nobody can replace what is another's.
  if (isOnTheWay && (entry.mode & 0o1000) !== 0) return true;
  if ((entry.mode & 0o002) !== 0) return false;
  return (entry.mode & 0o020) === 0 || GROUPS_OF_ROOT.includes(entry.gid) || isPrivateGroup(readGroups(), entry.gid, owner.user);
}

function isOwned({ uid }: Stats, owner: Owner): boolean {
  return uid === ROOT || uid === owner.uid;
}

function readGroups(): string {
  try {
    return readFileSync('/etc/group', 'utf8');
  } catch {
    return '';
  }
}

/** Whether a group of /etc/group is a user's own: it has that user's name, and no other members. */
export function isPrivateGroup(groups: string, gid: number, user: string): boolean {
  return groups.split('\n').some((line) => {
    const [name, , id, members = ''] = line.split(':');
    return Number(id) === gid && name === user && members.split(',').every((member) => member === '' || member === user);
  });
}
