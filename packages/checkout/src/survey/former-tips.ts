import { NoAnswer } from '../git/no-answer.ts';
import type { Checkout } from '../open-checkout.ts';

/**
 * Where the remote's branch has been: what git's log of it says, as `git merge-base --fork-point` reads it, and what was seen
 * in this process, since a log may be switched off or thrown away. What happened at the remote while nobody here fetched is not
 * known.
 */
export class FormerTips {
  readonly #checkout: Checkout;
  readonly #seen = new Set<string>();

  constructor(checkout: Checkout) {
    this.#checkout = checkout;
  }

  /** The branch is at this commit, and may be somewhere else at the next look. */
  note(tip: string): void {
    this.#seen.add(tip);
  }

  async list(): Promise<string[]> {
    const { git, upstreamRef } = this.#checkout;
    const log = await git.demand({ args: ['log', '--walk-reflogs', '--no-show-signature', '--format=%H', upstreamRef, '--'] });
    const logged = log.split('\n').filter(Boolean);
    if (logged.length === 0) return [...this.#seen];
    // A log tells where the branch went; where it came from the first time, which no line of it says, comes after the last.
    const first = await git.run({ args: ['rev-parse', '--verify', '--quiet', `${upstreamRef}@{${logged.length}}^{commit}`] });
    if (first.exitCode === null) throw new NoAnswer(first);
    return [...new Set([...logged, ...first.stdout.split('\n').filter(Boolean), ...this.#seen])];
  }
}
