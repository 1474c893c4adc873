import { userInfo } from 'node:os';
import { join } from 'node:path';

/** What an attempt may know of the machine: nothing else of the worker's own environment reaches it. */
export interface HostEnvironment {
  path: string;
  lang: string;
  lcAll?: string;
  tz?: string;
  user: string;
}

const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** Picks from the worker's environment what an attempt may know. Relative entries of PATH are dropped: they would name the task's own files. */
export function readHostEnvironment(env: NodeJS.ProcessEnv = process.env): HostEnvironment {
  const path = (env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/'));
  return {
    path: path.join(':') || DEFAULT_PATH,
    lang: env.LANG || 'C.UTF-8',
    ...(env.LC_ALL ? { lcAll: env.LC_ALL } : {}),
    ...(env.TZ ? { tz: env.TZ } : {}),
    user: readUserName(),
  };
}

/** Builds an attempt's whole environment from nothing; what the agent's configuration sets goes over it. */
export function buildEnvironment(
  host: HostEnvironment,
  folders: { home: string; tmp: string },
  agentEnv: { readonly [name: string]: string },
): { [name: string]: string } {
  return {
    PATH: host.path,
    LANG: host.lang,
    ...(host.lcAll === undefined ? {} : { LC_ALL: host.lcAll }),
    ...(host.tz === undefined ? {} : { TZ: host.tz }),
    TERM: 'dumb',
    USER: host.user,
    LOGNAME: host.user,
    SHELL: '/bin/sh',
    HOME: folders.home,
    TMPDIR: folders.tmp,
    XDG_CONFIG_HOME: join(folders.home, '.config'),
    XDG_DATA_HOME: join(folders.home, '.local', 'share'),
    XDG_STATE_HOME: join(folders.home, '.local', 'state'),
    XDG_CACHE_HOME: join(folders.home, '.cache'),
    ...agentEnv,
  };
}

/** A user id without an entry in the user database (in containers) has no name; its number stands for it. */
function readUserName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'errand');
  }
}
