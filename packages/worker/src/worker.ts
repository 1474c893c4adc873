import { longestStopMs, pushBudget } from '@errand/config';
import { longestPollMs, observe, type View, workerState } from '@errand/planner';
import { DamagedCloneError } from '@errand/queue';
import type { WorkerContext } from './context.ts';
import { Claimer } from './duties/claimer.ts';
import type { Duty } from './duties/duty.ts';
import { Folder } from './duties/folder.ts';
import { Housekeeper } from './duties/housekeeper.ts';
import { Keeper } from './duties/keeper.ts';
import { LeaseGuard } from './duties/lease-guard.ts';
import { LoginWatcher } from './duties/login-watcher.ts';
import { OutboxFlusher } from './duties/outbox-flusher.ts';
import { Releaser } from './duties/releaser.ts';
import { Rescuer } from './duties/rescuer.ts';
import { Sweeper } from './duties/sweeper.ts';
import { Tidier } from './duties/tidier.ts';
import type { WorkerExit } from './events.ts';
import { weighWorkers } from './push-budget.ts';
import { recoverJournal } from './recovery.ts';
import { RemoteReach } from './remote-reach.ts';
import { ViewTeller } from './view-teller.ts';

/** `--once` gives up on a remote that stays away for so long. */
const ONCE_AWAY_MS = 60_000;
const TROUBLE_PAUSE_MS = 1_000;
/** Between two looks of a worker without a free slot: what others do can only end what it runs. */
const BUSY_LOOK_MS = 1_000;

export interface WorkerMode {
  /** End when nothing is eligible now, nothing runs and everything finished is recorded. */
  once: boolean;
}

/**
 * The loop: fetch a view, hold every duty against it, wait. Everything a worker pushes goes out from here, one push at a
 * time, so a duty may rely on what the one before it did.
 */
export class Worker {
  readonly #context: WorkerContext;
  readonly #mode: WorkerMode;
  readonly #folder: Folder;
  readonly #claimer: Claimer;
  readonly #sweeper: Sweeper;
  readonly #outbox: OutboxFlusher;
  readonly #duties: readonly Duty[];
  readonly #lease: LeaseGuard;
  readonly #housekeeper: Housekeeper;
  readonly #reach: RemoteReach;
  readonly #teller: ViewTeller;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #twin = false;
  #settled = false;
  #stopAsked = false;
  #stopNow = false;
  #leaveBy = Number.POSITIVE_INFINITY;

  constructor(context: WorkerContext, mode: WorkerMode) {
    this.#context = context;
    this.#mode = mode;
    this.#folder = new Folder(context);
    this.#claimer = new Claimer(context);
    this.#sweeper = new Sweeper(context);
    this.#outbox = new OutboxFlusher(context);
    this.#lease = new LeaseGuard(context);
    this.#housekeeper = new Housekeeper(context);
    this.#reach = new RemoteReach(context);
    this.#teller = new ViewTeller(context);
    this.#duties = [
      new Keeper(context),
      new Releaser(context),
      this.#folder,
      new Rescuer(context),
      this.#sweeper,
      new Tidier(context),
      this.#outbox,
      this.#claimer,
      new LoginWatcher(context),
      this.#housekeeper,
    ];
  }

  /** Runs until asked to stop, or, with `once`, until there is nothing left to do. */
  async run(): Promise<WorkerExit> {
    const { wakeups, emit, pusher, clock, random } = this.#context;
    await recoverJournal(this.#context);
    this.#lease.start();
    let exit: WorkerExit | null = null;
    try {
      while (exit === null) {
        emit({ type: 'looking' });
        await this.#round();
        exit = this.#isOver();
        if (exit === null) {
          // Pushes that get no answer are not made worse by asking again at once.
          const notBefore = clock.elapsedMs() + pusher.pauseMs * (0.5 + random() / 2);
          emit({ type: 'resting', forMs: wakeups.leftMs(notBefore) });
          await wakeups.wait(notBefore);
        }
        this.#lease.look();
      }
    } finally {
      this.#lease.stop();
    }
    if (exit === 'asked' || exit === 'nothing-left') await this.#sayStopped();
    if (exit === 'nothing-left') await this.#housekeeper.settle();
    emit({ type: 'stopped', exit, left: [...this.#context.held.ids()].sort() });
    return exit;
  }

  /** First call: stop claiming, let what runs go on for the grace period, then give it back. Second call: at once. */
  stop(): void {
    const { wakeups, held, machine, emit, queue, clock, pusher } = this.#context;
    this.#context.claiming = false;
    if (this.#stopAsked) {
      this.#stopNow = true;
      this.#giveUpRunning(0);
      // Ends a fetch or a push that hangs, which then has no answer and is nobody's trouble.
      pusher.silence();
      void queue.close();
    } else {
      this.#stopAsked = true;
      const running = held.in('running').length;
      emit({ type: 'stopping', running, graceMs: machine.grace_ms.shutdownMs });
      this.#leaveBy = clock.elapsedMs() + longestStopMs(machine);
      setTimeout(() => this.#giveUpRunning(), machine.grace_ms.shutdownMs).unref();
    }
    wakeups.urgently();
  }

  /** The remote has changed: seen at once where that may bring work, and a little later where every slot is taken. */
  hint(): void {
    const { held, machine, wakeups } = this.#context;
    wakeups.noteTold();
    if (held.slotsUsed() < machine.slots) wakeups.now();
    else wakeups.soon(this.#lookedAt + BUSY_LOOK_MS);
  }

  #giveUpRunning(graceMs?: number): void {
    for (const { phase } of this.#context.held.in('running')) phase.run.stop('shutdown', graceMs);
  }

  /** One look and all duties. Nothing that goes wrong in it (too many open files, a full disk, a bug) ends the worker. */
  async #round(): Promise<void> {
    try {
      await this.#look();
    } catch (error) {
      this.#settled = false;
      this.#tellTrouble('look', error);
    }
    // Also without a view: a disk that is full may be why there is none.
    this.#housekeeper.begin();
  }

  async #look(): Promise<void> {
    const { queue, wakeups, pusher } = this.#context;
    this.#lookedAt = this.#context.clock.elapsedMs();
    this.#context.told = wakeups.takeTold();
    const read = await queue.readView();
    if (!read.ok) {
      // Whoever was told twice to stop has closed the connection itself.
      if (!this.#stopNow) this.#reach.noteFailure(read.cause);
      return;
    }
    this.#reach.noteView();
    const { view } = read;
    this.#teller.tellConfig(view);
    wakeups.by(Math.min(this.#nextPollAt(view), this.#leaveBy));
    if (!(await this.#attend({ name: 'look', tend: () => this.#take(view) }, view))) return;
    const pushesBefore = pusher.count;
    let sound = true;
    let waits = false;
    for (const duty of this.#dutiesFor(view)) {
      await this.#claimer.beatIfLate();
      if (duty.pushes && this.#mustSave()) waits = true;
      else sound = (await this.#attend(duty, view)) && sound;
    }
    sound = (await this.#attend({ name: 'push', tend: () => pusher.flush() }, view)) && sound;
    if (waits) wakeups.by(this.#context.budget.freeAt);
    // What was pushed may have made something eligible: only a view that nothing followed can say that nothing is left.
    const isRead = [...view.tasks.values()].every(({ id, parsed }) => parsed !== null || view.results.has(id));
    this.#settled = sound && isRead && !waits && pusher.count === pushesBefore;
    // A heartbeat that is refused is pushed again with every look: those come as ever while what runs is waited for.
    if (!this.#settled && !waits && this.#mode.once && !this.#claimer.refused) wakeups.now();
    this.#reach.notePushes();
    this.#teller.tellInvalid(view);
  }

  /**
   * A branch that is gone says nothing about its tasks: it was renamed, or is pushed again in a moment. Until then this worker
   * only keeps its lease; where no branch was ever seen, it may start one with what waits in the outbox.
   */
  #dutiesFor(view: View): readonly Duty[] {
    const isGone = view.tip === null && this.#context.ledger.hasSeenBranch;
    this.#teller.tellBranch(isGone);
    if (isGone) return [this.#claimer];
    // No sign of life where there never was a branch: who sees one takes the branch for lost, and does not start it anew.
    return view.tip === null ? [this.#outbox] : this.#duties;
  }

  /** This worker's share of the push budget is spent. Who is to stop tells the rest all the same: nobody does it in its place. */
  #mustSave(): boolean {
    return !this.#stopAsked && this.#context.budget.isSpent;
  }

  /** A duty that fails (a full disk, a damaged clone, a bug) is told and tried again on the next view; the others go on. */
  async #attend(duty: Duty, view: View): Promise<boolean> {
    const { queue } = this.#context;
    try {
      await duty.tend(view);
      return true;
    } catch (error) {
      this.#tellTrouble(duty.name, error);
      if (error instanceof DamagedCloneError) await queue.remake(error.message);
      return false;
    }
  }

  #tellTrouble(duty: string, error: unknown): void {
    const { emit, clock, wakeups } = this.#context;
    emit({ type: 'trouble', duty, text: describeTrouble(error) });
    wakeups.by(clock.elapsedMs() + TROUBLE_PAUSE_MS);
  }

  /** Takes a view in: what it shows of others, of my name, and of the branch's past. */
  async #take(view: View): Promise<void> {
    const context = this.#context;
    const { heartbeat, machine, ledger, queue, emit, clock, budget } = context;
    context.observations = observe(context.observations, view);
    budget.divide(pushBudget(queue.config, queue.remote), weighWorkers(view, context.observations, machine.machine));
    const stale = workerState(context.observations, view, machine.machine) === 'stale';
    this.#twin = heartbeat.settle(view, stale) === 'twin';
    this.#teller.tellTwin(this.#twin);
    const past = await ledger.observe(queue.port, view);
    context.movedBack = past.held;
    context.toRestore = past.toRestore;
    if (past.problem) emit({ type: 'trouble', duty: 'look', text: past.problem });
    if (past.folded) this.#folder.noticeFold(clock.elapsedMs());
    if (past.reopened.length > 0) {
      const text = `the branch was moved back: ${past.reopened.join(', ')} would run again and are held; edit a task, or errand retry it, to let it run`;
      emit({ type: 'moved-back', ids: past.reopened, text });
    }
    emit({ type: 'polled', tip: view.tip, tasks: view.tasks.size, records: view.records.size });
  }

  #nextPollAt(view: View): number {
    const { clock, random, machine } = this.#context;
    const interval = machine.poll.intervalMs * (0.8 + random() * 0.4);
    return clock.elapsedMs() + Math.min(interval, longestPollMs(view, machine.machine) ?? interval);
  }

  #isOver(): WorkerExit | null {
    const { held, clock } = this.#context;
    if (this.#stopNow && held.in('running').length === 0) return 'asked';
    const { isAway, isClosed, silentSince } = this.#reach;
    if (this.#stopAsked && clock.elapsedMs() >= this.#leaveBy) return 'asked';
    if (this.#stopAsked && (held.size === 0 || (isAway && held.in('running').length === 0))) return 'asked';
    if (!this.#mode.once) return null;
    if (this.#twin) return 'twin';
    if (this.#claimer.refused || isClosed) {
      // What runs is not given up for it: its end is awaited, and by then the remote may let this machine in again.
      if (held.in('running').length > 0) return null;
      return this.#claimer.refused ? 'refused' : 'not-let-in';
    }
    if (silentSince !== null && clock.elapsedMs() - silentSince >= ONCE_AWAY_MS) return 'remote-away';
    if (isAway) return null;
    const isDone = this.#settled && held.size === 0 && this.#claimer.eligible === 0 && !this.#sweeper.isUnsure;
    return isDone ? 'nothing-left' : null;
  }

  /** A clean exit leaves a heartbeat that says so, which others take at its word: only where nothing is left to tell. */
  async #sayStopped(): Promise<void> {
    const { heartbeat, pusher, held } = this.#context;
    if (!heartbeat.accepted || this.#reach.isAway || this.#stopNow || held.size > 0) return;
    try {
      const beat = await heartbeat.beat([], 'stopped');
      if (beat) await pusher.push('heartbeat', [beat]);
    } catch (error) {
      this.#tellTrouble('heartbeat', error);
    }
  }
}

/** What can be expected to happen is said in words; of anything else a bug report needs the stack. */
function describeTrouble(error: unknown): string {
  if (error instanceof DamagedCloneError) return `${error.message}: it is made anew, and everything is looked at again`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
