import type { Remedy, RemedyPlace } from './say-why.ts';
import { gitThere, isInRepository, locateRepository, shellPath, shellWord } from './server-command.ts';

/** Remedies that depend on where the repository behind a remote is. */
export function remedyPlace(remote: string): RemedyPlace {
  return {
    there: (what) =>
      locateRepository(remote).isHere ? `${what.charAt(0).toUpperCase()}${what.slice(1)}` : `On the server, ${what}`,
    unhide: () => unhideRefs(remote),
    makeBare: () => {
      const path = locateRepository(remote).path ?? 'REPOSITORY';
      return `git clone --bare ${shellPath(path)} ${shellPath(`${path.replace(/\/+$/, '')}.git`)}`;
    },
    remove: (path) => (isInRepository(remote, path) ? `rm ${shellWord(path)}` : null),
  };
}

/**
 * Among these settings the last one that matches wins, in the order of the file: an exception behind each place where
 * something may be hidden holds whichever of them does it.
 */
export function unhideRefs(remote: string): Remedy {
  const { where, command } = gitThere(remote, ['config', '--add']);
  return {
    remedy: `${where}, except refs/errand from what transfer.hideRefs, receive.hideRefs and uploadpack.hideRefs hide:`,
    command: `for s in transfer receive uploadpack; do ${command} $s.hideRefs '!refs/errand'; done`,
  };
}
