import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type RunProgram, runProgram } from './run-program.ts';

/** From this file, built, bundled or not: the checkout that it belongs to. */
const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');

/** The machine and the person, as far as a service depends on them. */
export interface ServiceHost {
  platform: NodeJS.Platform;
  uid: number;
  user: string;
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
    home: env.HOME || homedir,
    env,
    root: CHECKOUT,
    node: process.execPath,
    run: runProgram,
  };
}

/** The host as another user of this machine would see it, for whoever acts as root for them; null where there is no such user. */
export async function describeHostOf(user: string, env: NodeJS.ProcessEnv): Promise<ServiceHost | null> {
  const self = describeHost(env);
  if (user === self.user) return self;
  if (!/^[a-z_][a-z0-9_.-]*\$?$/i.test(user)) return null;
  const lookup =
    self.platform === 'darwin' ? ['dscl', '.', '-read', `/Users/${user}`, 'NFSHomeDirectory'] : ['getent', 'passwd', user];
  const [file = '', ...args] = lookup;
  const found = await self.run(file, args, { env });
  const home = self.platform === 'darwin' ? found.stdout.split(' ')[1] : found.stdout.split(':')[5];
  if (found.exitCode !== 0 || !home?.startsWith('/')) return null;
  // What root has set for itself (under sudo) is not the user's.
  const { XDG_CONFIG_HOME: _, XDG_STATE_HOME: __, ...kept } = env;
  return { ...self, user, home: home.trim(), env: { ...kept, HOME: home.trim() } };
}
