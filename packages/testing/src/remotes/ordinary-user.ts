import { accessSync, constants, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { mustRun } from '../run-command.ts';
import type { Owner } from './bare-repository.ts';

/** Who logs in over ssh where the tests run as root. It has no password, and stays when the tests are over. */
const NAME = 'errand-test';
const USERADD = ['/usr/sbin/useradd', '/sbin/useradd'];

/** A user of this machine who is not root. */
export interface OrdinaryUser extends Owner {
  name: string;
  /** False where it is the very user who runs the tests. */
  isAnother: boolean;
}

/** Why nobody but root can log in on this machine, or null. */
export function whyNoOrdinaryUser(): string | null {
  if (process.getuid?.() !== 0 || findAccount() !== null || USERADD.some(isProgram)) return null;
  return `the tests run as root, and ${USERADD[0]}, which would make an ordinary user for them, is missing`;
}

/** The user who runs the tests, or, if that is root, one that is made for them when it is first needed. */
export async function ordinaryUser(): Promise<OrdinaryUser> {
  const { username, uid, gid } = userInfo();
  if (uid !== 0) return { name: username, uid, gid, isAnother: false };
  const account = findAccount() ?? (await makeAccount());
  return { name: NAME, ...account, isAnother: true };
}

function findAccount(): Owner | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${NAME}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) };
}

/** One at a time, for several test files may want it at once. The password `*` matches nothing, and yet sshd lets keys in. */
async function makeAccount(): Promise<Owner> {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  const make = `id -u ${NAME} >/dev/null 2>&1 || useradd --create-home --shell /bin/sh --password '*' ${NAME}`;
  await mustRun('flock', [`/run/${NAME}.lock`, 'sh', '-c', make], { env });
  const made = findAccount();
  if (made === null) throw new Error(`useradd made no user ${NAME}`);
  return made;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
