import { homedir, hostname } from 'node:os';

/** What resolving a file needs to know of the machine and the person it runs for. */
export interface Host {
  /** What `~` stands for. */
  home: string;
  /** What relative paths from the command line and the environment start from. */
  cwd: string;
  /** Of this process; null where the platform has none. */
  uid: number | null;
  /** The machine's network name, from which its default name is made. */
  hostname: string;
}

/** The host as this process sees it. */
export function readHost(env: NodeJS.ProcessEnv): Host {
  return {
    home: env.HOME || homedir(),
    cwd: process.cwd(),
    uid: process.getuid?.() ?? null,
    hostname: hostname(),
  };
}

/** The name a machine has where its file gives none: its network name without the domain, in allowed letters. */
export function defaultMachineName(hostname: string): string {
  const name = (hostname.split('.')[0] ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  return name === '' || name === 'any' ? 'machine' : name;
}
