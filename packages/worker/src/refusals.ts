import type { Clock } from '@errand/planner';

const PUT_OFF_MS = 60_000;

/** What happens next to a refused result, and whether that is news. */
export type NextForm = { form: 'alone' | 'withheld'; tell: boolean } | { form: 'put-off'; tell: boolean; until: number };

interface Refusal {
  stage: 'alone' | 'withheld';
  /** Elapsed time before which it is left out of folds. */
  notBefore: number;
  /** What was told already. */
  told: Set<NextForm['form']>;
}

/**
 * What the server is known to refuse, by nonce of the result.
 *
 *   (whole, with others) ──▶ alone ──▶ withheld: without its answer ──▶ put off ──a minute──▶ alone
 *
 * It is put off whole, not given up: the branch may have been closed for a while. One result goes round like this and keeps
 * no other; when a second one is refused even without its answer, it is the branch, and everything waits.
 */
export class Refusals {
  readonly #clock: Clock;
  readonly #byNonce = new Map<string, Refusal>();
  readonly #hopeless = new Set<string>();
  #lastWasAlone = false;
  #closedUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Elapsed time before which nothing is folded, since the branch takes nothing. */
  get closedUntil(): number {
    return this.#closedUntil;
  }

  /** Whether a result is to be recorded without its answer now. */
  isWithheld(nonce: string): boolean {
    return this.#byNonce.get(nonce)?.stage === 'withheld';
  }

  /** What goes into the next fold: one that must go alone, or as many of the others as one push takes; in turn. */
  choose<T extends { value: { nonce: string } }>(records: readonly T[], limit: number): T[] {
    const fresh = records.filter(({ value }) => !this.#byNonce.has(value.nonce));
    const alone = records.find(({ value }) => {
      const refusal = this.#byNonce.get(value.nonce);
      return refusal !== undefined && refusal.notBefore <= this.#clock.elapsedMs();
    });
    this.#lastWasAlone = alone !== undefined && (fresh.length === 0 || !this.#lastWasAlone);
    return this.#lastWasAlone && alone ? [alone] : fresh.slice(0, limit);
  }

  /** The server refused a fold of one result, or of one among several. */
  refuse(nonce: string, company: boolean): NextForm {
    const before = this.#byNonce.get(nonce);
    const told = before?.told ?? new Set();
    if (company) return this.#note(nonce, { stage: 'alone', notBefore: Number.NEGATIVE_INFINITY, told }, 'alone');
    if (before?.stage !== 'withheld') {
      return this.#note(nonce, { stage: 'withheld', notBefore: Number.NEGATIVE_INFINITY, told }, 'withheld');
    }
    const until = this.#clock.elapsedMs() + PUT_OFF_MS;
    this.#hopeless.add(nonce);
    if (this.#hopeless.size > 1) this.#closedUntil = until;
    return { ...this.#note(nonce, { stage: 'alone', notBefore: until, told }, 'put-off'), form: 'put-off', until };
  }

  #note<F extends NextForm['form']>(nonce: string, refusal: Refusal, form: F): { form: F; tell: boolean } {
    const tell = !refusal.told.has(form);
    refusal.told.add(form);
    this.#byNonce.set(nonce, refusal);
    return { form, tell };
  }

  /** The server took a fold: it is not the branch. */
  noticeSuccess(): void {
    this.#hopeless.clear();
  }

  /** Forgets what has no record any more. */
  keepOnly(nonces: ReadonlySet<string>): void {
    for (const nonce of this.#byNonce.keys()) if (!nonces.has(nonce)) this.#byNonce.delete(nonce);
  }
}

/** What the server refused and what comes next, as a clause for people. */
export function describeRefused(next: NextForm['form'], ids: readonly string[], reason: string): string {
  switch (next) {
    case 'alone':
      return `a commit with several results (${reason}); each is tried alone`;
    case 'withheld':
      return `the result of ${ids.join(', ')} (${reason}); it is tried without its answer, which is kept here`;
    case 'put-off':
      return `the result of ${ids.join(', ')} even without its answer (${reason}); check the server's hooks and branch rules; it is tried again in a minute`;
  }
}
