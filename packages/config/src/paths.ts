import { isAbsolute, join, resolve } from 'node:path';

/** An absolute path: `~` is the home, anything relative starts from `from`. `~name` is not known and stays a plain name. */
export function expandPath(text: string, from: string, home: string): string {
  if (text === '~') return home;
  if (text.startsWith('~/')) return join(home, text.slice(2));
  return isAbsolute(text) ? resolve(text) : resolve(from, text);
}

/** The machine's own file: what `ERRAND_CONFIG` names, or else its place under the home. `named` says that somebody asked for it. */
export function findMachineConfig(env: NodeJS.ProcessEnv, home: string, cwd: string): { path: string; named: boolean } {
  if (env.ERRAND_CONFIG) return { path: expandPath(env.ERRAND_CONFIG, cwd, home), named: true };
  return { path: join(xdgFolder(env.XDG_CONFIG_HOME, join(home, '.config')), 'errand', 'config.yaml'), named: false };
}

/** XDG says that a relative value is to be ignored. */
export function xdgFolder(value: string | undefined, fallback: string): string {
  return value && isAbsolute(value) ? value : fallback;
}
