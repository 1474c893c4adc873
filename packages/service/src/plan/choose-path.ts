import { dirname, join } from 'node:path';

/** What a PATH for the service is chosen from. */
export interface PathFacts {
  /** PATH of whoever installs. */
  path: string;
  home: string;
  /** The Node that runs now, its real path. */
  node: string;
  /** Where the programs that must be found were found: agents, git, ssh. */
  programs: readonly string[];
  /** Whether a folder is there, and only the service's user and root may change what is found in it. */
  isTrusted(folder: string): boolean;
  /** The real path of a program, or null. */
  resolve(program: string): string | null;
}

/** Folders that are gone with the session that made them: a service that starts with the machine would not find them. */
const PASSING = /^\/(?:tmp|run\/user|dev|proc|var\/(?:tmp|run\/user))(?:\/|$)|\/node_modules\/|\/\.vscode-server\//;
/** Where a machine has its own programs. */
export const USUAL: readonly string[] = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'];

/**
 * The PATH of the service: that of whoever installs, in its order, without what would be gone at the next start or what others
 * may write to; then where the programs are that a worker needs, `~/.local/bin` and the usual folders. Its first `node` is the one that runs now.
 */
export function chooseServicePath({ path, home, node, programs, isTrusted, resolve }: PathFacts): string {
  const may = (folder: string): boolean =>
    folder.startsWith('/') && !PASSING.test(`${folder}/`) && !hasControl(folder) && isTrusted(folder);
  const given = path.split(':').filter(may);
  const needed = programs.map((program) => dirname(program)).filter(may);
  const usual = [join(home, '.local', 'bin'), ...USUAL];
  const folders = [...new Set([...given, ...needed, ...usual])];
  const first = folders.map((folder) => resolve(join(folder, 'node'))).find((found) => found !== null);
  const ahead = first === node ? [] : [dirname(node)];
  return [...new Set([...ahead, ...folders])].join(':');
}

/** A line of a unit cannot hold it. */
function hasControl(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  return /[\x00-\x1f\x7f]/.test(text);
}
