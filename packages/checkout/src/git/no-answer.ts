import { gitWords } from './git-words.ts';
import type { GitRun } from './run-git.ts';

/** Git failed where only an answer helps: a failure that is taken for "there is none" would be believed from then on. */
export class NoAnswer extends Error {
  constructor(run: GitRun) {
    super(gitWords(run));
  }
}
