import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type RunProgram, runProgram } from './run-program.ts';

/** From this file, built, bundled or not: the checkout that it belongs to. */
const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');

/** The machine and the person, as far as a service depends on them. */
export interface ServiceHost {
  platform: NodeJS.Platform;
  /** Of whoever asks, which may be root for somebody else. */
  uid: number;
  /** Whose service it is. */
  user: string;
  userUid: number;
  home: string;
  /** Of whoever asks. */
  env: NodeJS.ProcessEnv;
  /** The checkout, absolute, without a slash at its end. */
  root: string;
  /** The Node that runs this. */
  node: string;
  run: RunProgram;
}

/** The host as this process sees it. */
export function describeHost(env: NodeJS.ProcessEnv): ServiceHost {
  const { uid, username, homedir } = userInfo();
  return {
    platform: process.platform,
    uid,
    user: username,
    userUid: uid,
    home: env.HOME || homedir,
    env,
    root: CHECKOUT,
    node: process.execPath,
    run: runProgram,
  };
}

/** The host as another user of this machine would see it, for whoever acts as root for them; null where there is no such user. */
export async function describeHostOf(user: string, self: ServiceHost): Promise<ServiceHost | null> {
  if (user === self.user) return self;
  if (!/^[a-z_][a-z0-9_.-]*\$?$/i.test(user)) return null;
  const found = await (self.platform === 'darwin' ? lookUpOnMac(user, self) : lookUp(user, self));
  if (found === null || !found.home.startsWith('/') || !Number.isInteger(found.uid)) return null;
  // What root has set for itself (under sudo) is not the user's.
  const { XDG_CONFIG_HOME: _, XDG_STATE_HOME: __, ...kept } = self.env;
  return { ...self, user, userUid: found.uid, home: found.home, env: { ...kept, HOME: found.home } };
}

type Account = { uid: number; home: string };

async function lookUp(user: string, { run, env }: ServiceHost): Promise<Account | null> {
  const { exitCode, stdout } = await run('getent', ['passwd', user], { env });
  const [, , uid, , , home = ''] = stdout.trim().split(':');
  return exitCode === 0 ? { uid: Number(uid || Number.NaN), home } : null;
}

async function lookUpOnMac(user: string, { run, env }: ServiceHost): Promise<Account | null> {
  const { exitCode, stdout } = await run('dscl', ['.', '-read', `/Users/${user}`, 'UniqueID', 'NFSHomeDirectory'], { env });
  // A value with a space in it stands on the next line.
  const read = (key: string): string => new RegExp(`^${key}:\\s*(.+)$`, 'm').exec(stdout)?.[1]?.trim() ?? '';
  return exitCode === 0 ? { uid: Number(read('UniqueID') || Number.NaN), home: read('NFSHomeDirectory') } : null;
}
