import { chmod, chown, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestRemote } from '@errand/testing';

/** Something that is wrong with a remote, made so for a test. */
export interface Fault {
  name: string;
  /** The check that must name it, and how bad that is. */
  check: string;
  state: 'note' | 'warning' | 'fault';
  /** Where it can be prepared; everywhere, unless it is said. */
  kinds?: readonly TestRemote['kind'][];
  /** The check that names it too where the repository is on this machine. */
  alsoHere?: string;
  /** What the remedy, or the reason, must say. */
  says: RegExp;
  prepare(remote: TestRemote): Promise<void>;
  /** Follows the remedy by hand where no command can be printed for it; else the printed command is typed. */
  byHand?(remote: TestRemote): Promise<void>;
}

const ZERO = '0000000000000000000000000000000000000000';
async function objectFolders(dir: string): Promise<string[]> {
  const names = await readdir(join(dir, 'objects'), { withFileTypes: true });
  return [join(dir, 'objects'), ...names.filter((entry) => entry.isDirectory()).map(({ name }) => join(dir, 'objects', name))];
}

const removeHook = (remote: TestRemote): Promise<void> => remote.repository.removeHook('update');

const LOCK_FILE: Fault = {
  name: 'a lock file that a killed git left',
  check: 'deletion',
  state: 'fault',
  says: /lock file/,
  alsoHere: 'repository',
  prepare: async ({ repository }) => {
    const path = join(repository.dir, 'packed-refs.lock');
    await writeFile(path, '');
    const { uid, gid } = await stat(repository.dir);
    await chown(path, uid, gid);
    await utimes(path, 1, 1);
  },
};

const FAULTS: readonly Fault[] = [
  {
    name: 'hidden refs',
    check: 'custom-refs',
    state: 'fault',
    says: /transfer\.hideRefs/,
    prepare: async ({ repository }) => void (await repository.git('config', 'transfer.hideRefs', 'refs/errand')),
  },
  {
    name: 'refs that are hidden from reading alone',
    check: 'custom-refs',
    state: 'fault',
    says: /uploadpack\.hideRefs/,
    prepare: async ({ repository }) => {
      // What the remedy of the fault before has left would help against this one too.
      for (const section of ['transfer', 'receive', 'uploadpack'])
        await repository.git('config', '--unset-all', `${section}.hideRefs`);
      await repository.git('config', 'uploadpack.hideRefs', 'refs/errand');
    },
  },
  {
    name: 'no atomic pushes',
    check: 'atomic',
    state: 'fault',
    says: /allow them/,
    prepare: async ({ repository }) => void (await repository.git('config', 'receive.advertiseAtomic', 'false')),
  },
  {
    name: 'no filters',
    check: 'filters',
    state: 'note',
    says: /allow filters/,
    prepare: async ({ repository }) => void (await repository.git('config', 'uploadpack.allowFilter', 'false')),
  },
  {
    name: 'a hook that refuses refs that are no branches',
    check: 'custom-refs',
    state: 'fault',
    says: /the hook that refused it.*refs\/errand\/|branches only, please/,
    prepare: ({ repository }) => repository.refuseRefs('refs/errand/*', 'branches only, please'),
    byHand: removeHook,
  },
  {
    name: 'a protected branch',
    check: 'branch',
    state: 'fault',
    says: /main is protected/,
    prepare: ({ repository }) => repository.refuseRefs('refs/heads/main', 'main is protected'),
    byHand: removeHook,
  },
  {
    name: 'refs that may not be moved to another history',
    check: 'leases',
    state: 'fault',
    says: /RW\+/,
    prepare: ({ repository }) =>
      repository.setHook(
        'update',
        `case "$2$3" in *${ZERO}*) exit 0;; esac; git merge-base --is-ancestor "$2" "$3" || { echo "DENIED by fallthru"; exit 1; }`,
      ),
    byHand: removeHook,
  },
  {
    name: 'refs that may not be removed',
    check: 'deletion',
    state: 'fault',
    says: /no deletions here/,
    prepare: ({ repository }) => repository.setHook('update', `[ "$3" != ${ZERO} ] || { echo "no deletions here"; exit 1; }`),
    byHand: removeHook,
  },
  { ...LOCK_FILE, kinds: ['path', 'ssh'] },
  // An address over http does not tell where the repository is, and what the server says about that is not typed on trust.
  { ...LOCK_FILE, kinds: ['http'], byHand: ({ repository }) => rm(join(repository.dir, 'packed-refs.lock')) },
  {
    name: 'a server that lets this machine read, and not push',
    check: 'custom-refs',
    state: 'fault',
    says: /the right to push|let the user who receives the push write/,
    // Nobody keeps root from writing a path.
    kinds: ['http', 'ssh'],
    prepare: async ({ repository }) => {
      await repository.git('config', 'http.receivepack', 'false');
      for (const path of await objectFolders(repository.dir)) await chmod(path, 0o555);
    },
    byHand: async ({ repository }) => {
      await repository.git('config', '--unset', 'http.receivepack');
      for (const path of await objectFolders(repository.dir)) await chmod(path, 0o755);
    },
  },
  {
    name: 'a repository that somebody works in',
    check: 'branch',
    state: 'fault',
    says: /bare repository/,
    prepare: async ({ repository }) => void (await repository.git('config', 'core.bare', 'false')),
    byHand: async ({ repository }) => void (await repository.git('config', 'core.bare', 'true')),
  },
  {
    name: 'a HEAD that leads nowhere',
    check: 'branch',
    state: 'warning',
    says: /HEAD leads to no branch|default branch/,
    prepare: async ({ repository }) => void (await repository.git('symbolic-ref', 'HEAD', 'refs/heads/master')),
  },
  {
    name: 'a repository that is not there',
    check: 'remote',
    state: 'fault',
    says: /address/,
    prepare: (remote) => remote.goAway(),
    byHand: (remote) => remote.comeBack(),
  },
];

/** Only root can give a repository to another user. */
const FOREIGN: Fault = {
  name: 'a repository that belongs to another user',
  check: 'remote',
  state: 'fault',
  // A server over http says no more than that something is wrong.
  says: /safe\.directory|git ls-remote/,
  prepare: ({ repository }) => chown(repository.dir, FOREIGN_UID, FOREIGN_UID),
  byHand: async ({ repository }) => {
    const { uid, gid } = await stat(join(repository.dir, 'objects'));
    await chown(repository.dir, uid, gid);
  },
};
const FOREIGN_UID = 12_345;

/** Every fault that can be prepared here, for one kind of remote. */
export function faultsFor(kind: TestRemote['kind']): readonly Fault[] {
  const all = process.getuid?.() === 0 ? [...FAULTS, FOREIGN] : FAULTS;
  return all.filter(({ kinds }) => kinds === undefined || kinds.includes(kind));
}
