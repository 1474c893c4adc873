import type { GitRun } from './run-git.ts';

/** Lines that say nothing about the cause. */
const NOISE = /^(?:hint:|warning:|from |to |please make sure|and the repository exists|\s*$|failed to push some refs|aborting)/i;

/** What git, or a hook, said, as one line for people: without passwords, without control characters. Nothing decides by it. */
export function gitWords(run: GitRun): string {
  const lines = run.stderr
    .split('\n')
    .map((line) => line.replace(/^(?:remote:|fatal:|error:)\s*/g, '').trim())
    .filter((line) => !NOISE.test(line));
  const said = lines
    .slice(0, 3)
    .join('; ')
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/'"]*@/gi, '$1')
    .replace(/[\p{Cc}]+/gu, ' ')
    .slice(0, 400)
    .replace(/[\s.]+$/, '');
  switch (run.stopped) {
    case 'timed out':
      return `git gave no answer in time${said === '' ? '' : `: ${said}`}`;
    case 'closed':
      return 'it was stopped before git had answered';
    case 'could not start':
      return `git could not be started: ${said}`;
    case 'killed':
      return 'git was killed before it had answered';
    default:
      return said === '' ? `git ended with exit status ${run.exitCode ?? '?'} and said nothing` : said;
  }
}
