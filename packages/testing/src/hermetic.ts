import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whose name the commits of a test bear. */
export interface Identity {
  name: string;
  email: string;
}

/**
 * An environment that knows nothing of the developer's: a HOME within `dir` (made here) with a git identity of its own,
 * no system configuration, the plain C locale. Only PATH is the developer's.
 */
export function hermeticEnv(dir: string, identity: Identity = { name: 'Test', email: 'test@localhost' }): Record<string, string> {
  const home = join(dir, 'home');
  mkdirSync(home, { recursive: true });
  const lines = [
    '[user]',
    `\tname = ${identity.name}`,
    `\temail = ${identity.email}`,
    '[init]',
    '\tdefaultBranch = main',
    '[pull]',
    '\trebase = false',
    '[gc]',
    '\tauto = 0',
    '[maintenance]',
    '\tauto = false',
    '',
  ];
  writeFileSync(join(home, '.gitconfig'), lines.join('\n'));
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: home,
    LC_ALL: 'C',
    TZ: 'UTC',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
  };
}
