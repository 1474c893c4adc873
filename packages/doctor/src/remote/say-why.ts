import type { Tried } from './facts.ts';

/** The server's own words, for people: the reason for the ref, and what a hook printed. */
export function serverSaid(tried: Tried): string {
  // What git adds to that is advice to somebody at the keyboard of the server.
  const said = 'said' in tried ? (tried.said.split(/;? Another git process/)[0] ?? '') : '';
  switch (tried.state) {
    case 'accepted':
      return 'the server took it';
    case 'refused':
      return tried.said === '' || tried.said.includes(tried.reason)
        ? tried.said || tried.reason
        : `${tried.reason}: ${tried.said}`;
    case 'unknown':
      return said;
    case 'not tried':
      return tried.why;
  }
}

/** The lock file that the server's git stumbled over, where that is why: as the server says, which may say anything. */
export function lockInTheWay(tried: Tried): string | null {
  if (tried.state !== 'refused' && tried.state !== 'unknown') return null;
  return /unable to create '([^']+\.lock)'/i.exec(tried.said)?.[1]?.replace('/./', '/') ?? null;
}

/** What to do about a push that a server refused, by the words that git servers use. */
export function explainRefusal(tried: Tried, { what, remote }: { what: string; remote: RemedyPlace }): Remedy {
  const text = serverSaid(tried);
  const lock = lockInTheWay(tried);
  if (lock !== null) {
    const command = remote.remove(lock);
    const which = command === null ? 'the lock file that it names' : 'the lock file that one left behind:';
    const remedy = remote.there(`see that no git is at work in the repository, then remove ${which}`);
    return command === null ? { remedy: `${remedy}.` } : { remedy, command };
  }
  if (/hidden ref/i.test(text)) return remote.unhide();
  if (/currently checked out/i.test(text)) {
    return { remedy: 'Use a bare repository as the queue: make one of it, and name that one.', command: remote.makeBare() };
  }
  if (/unpacker error|no space left|quota/i.test(text)) {
    return { remedy: remote.there('make room on the disk, and let the user who receives the push write to the repository.') };
  }
  if (/protected branch|GH006|GH013|not allowed to push/i.test(text)) {
    return {
      remedy: `At the git host, let this machine push to ${what}: an exception for it in the branch protection or rules.`,
    };
  }
  if (/hook declined|pre-receive|update hook/i.test(text)) {
    return { remedy: remote.there(`let the hook that refused it take ${what} from this machine.`) };
  }
  return { remedy: remote.there(`give this machine the right to push to ${what}.`) };
}

/** What a remedy needs of the place where the repository is. */
export interface RemedyPlace {
  /** A sentence in the imperative, with its place before it where that is not this machine. */
  there(what: string): string;
  unhide(): Remedy;
  makeBare(): string;
  /** The command that removes a file which the server named; null where it is not known to lie in the repository. */
  remove(path: string): string | null;
}

export interface Remedy {
  remedy: string;
  command?: string;
}
