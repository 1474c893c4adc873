import { advance, makeJoin } from '../apply/advance.ts';
import { commitChanges } from '../apply/commit-changes.ts';
import { fetchUpstream, pushCommit } from '../apply/exchange.ts';
import { listPulled } from '../apply/list-pulled.ts';
import type { Clock } from '../clock.ts';
import type { Remark, WatchEvent } from '../events.ts';
import type { Checkout } from '../open-checkout.ts';
import { afterFetch, afterPush, NO_PAUSE, type Timing } from '../plan/network.ts';
import { type LocalStep, listUnsent, type Memory, mayPass, planTurn, type Step } from '../plan/plan-turn.ts';
import { forgetPast, nameStep, noteEnd, type StepEnd } from '../plan/setbacks.ts';
import { observe } from '../plan/settle.ts';
import type { AheadCommit, Survey } from '../survey/survey.ts';
import { Surveyor } from '../survey/surveyor.ts';
import { Teller } from './teller.ts';

export interface WatcherOptions {
  checkout: Checkout;
  clock: Clock;
  /** Numbers in [0, 1). */
  random: () => number;
  /** How long a file must have stood still before it is taken for finished, milliseconds. */
  settleMs: number;
  /** How often to ask the remote, milliseconds. */
  intervalMs: number;
  emit: (event: WatchEvent) => void;
  /** Called when an exchange with the remote has ended. */
  onExchanged: () => void;
}

/** How long a commit under way may go on after the watcher was asked to end. */
const END_GRACE_MS = 5_000;

/** Remarks about what keeps a commit from being sent until somebody has done something about it. */
const HOLDS_UP: ReadonlySet<Remark['type']> = new Set(['taken-back', 'own-commits', 'conflict', 'pull-blocked', 'push-refused']);

/** Watches one checkout, a turn at a time: look, decide, do one thing. The exchange with the remote goes on beside the turns. */
export class Watcher {
  readonly #options: WatcherOptions;
  readonly #surveyor: Surveyor;
  readonly #teller: Teller;
  readonly #network = new AbortController();
  readonly #local = new AbortController();
  #memory: Memory;
  #exchange: Promise<void> = Promise.resolve();
  #ahead: readonly AheadCommit[] = [];
  #joined: { of: string; commit: string } | null = null;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#surveyor = new Surveyor(options.checkout);
    this.#teller = new Teller(options.emit);
    this.#memory = {
      settling: new Map(),
      network: { is: 'idle', fetchDueMs: options.clock.elapsedMs(), fetchedMs: null },
      pushPause: NO_PAUSE,
      engagedSinceMs: null,
      setbacks: new Map(),
    };
  }

  /** Looks, does what comes next, and says what it was. An exchange with the remote is begun, not awaited. */
  async turn(): Promise<Step> {
    const { settleMs, intervalMs } = this.#options;
    const survey = await this.#surveyor.survey();
    await this.#noteSurvey(survey);
    const { step, remarks } = planTurn(survey, this.#memory, { nowMs: this.#now(), settleMs, intervalMs });
    this.#teller.holds(remarks, step.do === 'rest');
    switch (step.do) {
      case 'advance':
      case 'join':
      case 'commit':
        await this.#takeStep(step);
        break;
      case 'fetch':
        this.#beginFetch();
        break;
      case 'push':
        this.#beginPush(step.commit);
        break;
      case 'rest':
        break;
    }
    return step;
  }

  /** Settles when no exchange with the remote is under way. */
  exchanged(): Promise<void> {
    return this.#exchange;
  }

  /** What keeps something from being done, as it was told. */
  get standing(): readonly Remark[] {
    return this.#teller.standing;
  }

  /** Ids of tasks whose commits were not sent at the last look. */
  get unsent(): readonly string[] {
    return listUnsent(this.#ahead);
  }

  /** What has to be settled before they are sent; null where only the remote is waited for. */
  get heldBy(): Remark['type'] | null {
    return this.standing.find(({ type }) => HOLDS_UP.has(type))?.type ?? null;
  }

  /** Something that holds and that no look at the checkout shows. */
  remark(remark: Remark): void {
    this.#teller.happened(remark);
  }

  /** Ends an exchange at once, and gives a commit under way a little time; a pull goes on to its end. Then the turn ends. Safe twice. */
  close(): void {
    this.#network.abort();
    setTimeout(() => this.#local.abort(), END_GRACE_MS).unref();
  }

  #now(): number {
    return this.#options.clock.elapsedMs();
  }

  #timing(): Timing {
    const { intervalMs, random } = this.#options;
    return { nowMs: this.#now(), intervalMs, random };
  }

  async #noteSurvey(survey: Survey): Promise<void> {
    const nowMs = this.#now();
    if (survey.state === 'engaged') {
      // What comes of a rebase or of another branch is looked at anew.
      const settling = mayPass(survey.engagement) ? this.#memory.settling : new Map();
      this.#memory = { ...this.#memory, settling, engagedSinceMs: this.#memory.engagedSinceMs ?? nowMs };
      return;
    }
    this.#memory = {
      ...this.#memory,
      engagedSinceMs: null,
      settling: observe(this.#memory.settling, survey.changes, nowMs),
      setbacks: forgetPast(this.#memory.setbacks, survey.head, survey.changes),
    };
    const gone = this.#ahead.filter(({ oid }) => !survey.ahead.some((commit) => commit.oid === oid));
    this.#ahead = survey.ahead;
    await this.#tellSent(gone, survey.upstream);
  }

  /** Commits that are no longer ahead have been sent, unless somebody has taken them back. */
  async #tellSent(gone: readonly AheadCommit[], upstream: string | null): Promise<void> {
    const isRemoved = new Map<string, boolean>();
    for (const { oid, byWatcher, ids: of, removed } of gone.toReversed()) {
      if (!byWatcher || of.length === 0 || upstream === null) continue;
      const there = await this.#options.checkout.git.run({ args: ['merge-base', '--is-ancestor', oid, upstream] });
      if (there.exitCode === 0) for (const id of of) isRemoved.set(id, removed.includes(id));
    }
    if (isRemoved.size === 0) return;
    const ids = [...isRemoved.keys()];
    this.#teller.happened({ type: 'sent', ids, removed: ids.filter((id) => isRemoved.get(id)) });
  }

  async #takeStep(step: LocalStep): Promise<void> {
    const { checkout } = this.#options;
    const { signal } = this.#local;
    if (step.do === 'commit') {
      const end = await commitChanges(checkout, step.head, step.changes, signal);
      if (end.how === 'done') this.#tellCommitted(step, end.commit);
      this.#noteEnd(step, end);
      return;
    }
    const made = step.do === 'advance' ? { how: 'done' as const, commit: step.to } : await this.#join(step);
    const end = made.how === 'done' ? await advance(checkout, step.head, made.commit) : made;
    if (end.how === 'done') {
      this.#teller.happened({ type: 'pulled', ...(await listPulled(checkout, step.head, end.commit)) });
    }
    this.#noteEnd(step, end);
  }

  /** The commit is made once, however often its way into the checkout is blocked. */
  async #join(step: Extract<LocalStep, { do: 'join' }>): ReturnType<typeof makeJoin> {
    const of = nameStep(step);
    if (this.#joined?.of === of) return { how: 'done', commit: this.#joined.commit };
    const made = await makeJoin(this.#options.checkout, step.head, step.with, this.#local.signal);
    if (made.how === 'done') this.#joined = { of, commit: made.commit };
    return made;
  }

  #tellCommitted({ changes }: Extract<LocalStep, { do: 'commit' }>, commit: string): void {
    const idsOf = (kind: string): string[] => changes.filter((change) => change.kind === kind).map(({ id }) => id);
    const ids = changes.map(({ id }) => id);
    this.#ahead = [
      { oid: commit, subject: '', byWatcher: true, takenBack: false, ids, removed: [...idsOf('removed'), ...idsOf('tidied')] },
      ...this.#ahead,
    ];
    this.#teller.happened({
      type: 'committed',
      commit,
      added: idsOf('added'),
      edited: idsOf('edited'),
      cancelled: idsOf('removed'),
      tidied: idsOf('tidied'),
    });
  }

  #noteEnd(step: LocalStep, end: StepEnd): void {
    this.#memory = { ...this.#memory, setbacks: noteEnd(this.#memory.setbacks, step, end, this.#timing()) };
  }

  #beginFetch(): void {
    const { network } = this.#memory;
    const before = network.is === 'away' ? network : { failures: 0, cause: null };
    this.#memory = {
      ...this.#memory,
      network: { is: 'fetching', sinceMs: this.#now(), failures: before.failures, cause: before.cause },
    };
    this.#begin(async () => {
      const end = await fetchUpstream(this.#options.checkout, this.#network.signal);
      this.#memory = { ...this.#memory, network: afterFetch(this.#memory.network, end, this.#timing()) };
    });
  }

  #beginPush(commit: string): void {
    this.#memory = { ...this.#memory, network: { is: 'pushing', sinceMs: this.#now(), commit } };
    this.#begin(async () => {
      const end = await pushCommit(this.#options.checkout, commit, this.#network.signal);
      const { network, pause } = afterPush(this.#memory.network, this.#memory.pushPause, end, this.#timing());
      this.#memory = { ...this.#memory, network, pushPause: pause };
    });
  }

  #begin(exchange: () => Promise<void>): void {
    this.#exchange = exchange().then(() => this.#options.onExchanged());
  }
}
