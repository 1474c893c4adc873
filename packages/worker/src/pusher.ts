import type { GitPort, PushOutcome, RefUpdate } from '@errand/queue';
import type { Listener, PushPurpose } from './events.ts';
import type { PushBudget } from './push-budget.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;

/** Updates that need no push of their own, and who is told what became of them. */
interface Passenger {
  purpose: PushPurpose;
  updates: readonly RefUpdate[];
  settle: (outcome: PushOutcome) => void;
}

/** The door through which this worker pushes: counts, charges and tells each push. Only the outbox is sent by the queue itself. */
export class Pusher {
  readonly #port: GitPort;
  readonly #emit: Listener;
  readonly #budget: PushBudget;
  readonly #mostRefs: number;
  #passengers: Passenger[] = [];
  #count = 0;
  #answered = 0;
  #unanswered = 0;
  #silent = false;

  /** `mostRefs`: how many refs one push may name when it takes others along. */
  constructor(port: GitPort, emit: Listener, budget: PushBudget, mostRefs: number) {
    this.#port = port;
    this.#emit = emit;
    this.#budget = budget;
    this.#mostRefs = mostRefs;
  }

  /** Pushes so far: while it stands still, the last view is the latest that this worker knows of. */
  get count(): number {
    return this.#count;
  }

  /** How many of them had a definite answer. */
  get answered(): number {
    return this.#answered;
  }

  /** How many in a row had none. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** For how long to leave the server alone, milliseconds: longer after each push without an answer, 0 after one with. */
  get pauseMs(): number {
    return this.#unanswered === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#unanswered - 1));
  }

  /** From now on a push without an answer is expected, and not told. */
  silence(): void {
    this.#silent = true;
  }

  /** Tells of what the queue pushed on its own, in however many tries, each of which has been charged. */
  noticePush(purpose: PushPurpose, ok: boolean): void {
    this.#count++;
    this.#emit({ type: 'push-ended', purpose, ok });
  }

  /** Hands over updates, each of which wins or loses alone, as claims do: the next push of claims takes them along, or else `flush`. */
  along(passenger: Passenger): void {
    this.#passengers.push(passenger);
  }

  /** Sends what no push has taken along. */
  async flush(): Promise<void> {
    for (let next = this.#passengers.shift(); next !== undefined; next = this.#passengers.shift())
      next.settle(await this.push(next.purpose, next.updates));
  }

  async push(purpose: PushPurpose, own: readonly RefUpdate[], options: { atomic?: boolean } = {}): Promise<PushOutcome> {
    const passengers = purpose === 'claim' && !options.atomic ? this.#board(own.length) : [];
    const updates = [...own, ...passengers.flatMap((passenger) => passenger.updates)];
    this.#count++;
    this.#budget.take(1);
    this.#emit({ type: 'push-started', purpose, refs: updates.length });
    const outcome = await this.#port.push(updates, options);
    const { cause } = outcome;
    this.#emit({ type: 'push-ended', purpose, ok: outcome.ok, ...(cause && { cause: cause.message }) });
    if (!cause) {
      this.#answered++;
      this.#unanswered = 0;
    } else if (++this.#unanswered === 1 && !this.#silent) {
      const next = 'nothing is lost, it is settled by what the next look shows';
      if (cause.kind === 'refused')
        this.#emit({ type: 'refused', ids: [], text: `the server takes no push: ${cause.message}; ${next}` });
      else this.#emit({ type: 'trouble', duty: 'push', text: `a push (${purpose}) had no answer: ${cause.message}; ${next}` });
    }
    for (const { settle } of passengers) settle(outcome);
    return outcome;
  }

  #board(taken: number): Passenger[] {
    let refs = taken;
    const fits = ({ updates }: Passenger): boolean => {
      if (refs + updates.length > this.#mostRefs) return false;
      refs += updates.length;
      return true;
    };
    const boarded = this.#passengers.filter(fits);
    this.#passengers = this.#passengers.filter((passenger) => !boarded.includes(passenger));
    return boarded;
  }
}
