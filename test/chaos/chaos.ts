import { appendFileSync, readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { WorkerEvent } from '@errand/worker';
import { Dice } from '../rig/dice.ts';
import { until } from '../rig/processes.ts';
import { compareWithRuns, findRefs, findUnsound, findUntold, readRecorded } from './checks.ts';
import { Doubles } from './doubles.ts';
import { Filer } from './filer.ts';
import { Fleet } from './fleet.ts';
import type { Machine } from './machine.ts';
import { Owner } from './owner.ts';
import type { ChaosReport } from './report.ts';
import { strikeOnce } from './strikes.ts';
import { makeWork, type Work } from './work.ts';

export interface ChaosOptions {
  seed: number;
  /** Of the faults. */
  seconds: number;
  /** Filed while they last. */
  tasks: number;
  /** Absolute, empty: everything of this run is in it, for the caller to delete or to keep. */
  folder: string;
  /** Breaks it off: all that it started ends, and it throws. */
  signal?: AbortSignal;
}

const STRIKE_EVERY_MS = 200;
const FILE_EVERY_MS = 500;
/** So many tasks come by `errand delegate`; the others are filed with nothing but git. */
const DELEGATED = 0.05;
const LOOK_EVERY_MS = 500;
/** Longer than a push that hangs, the pause after a failed attempt and a rescue together. */
const STANDSTILL_MS = 4 * 60_000;
const END_WITHIN_MS = 60_000;

/** One run: faults while tasks are filed, then calm until all is recorded, then the checks. */
export class Chaos {
  readonly #options: ChaosOptions;
  readonly #fleet: Fleet;
  readonly #filer: Filer;
  readonly #doubles: Doubles;
  readonly #owner: Owner;
  readonly #struck = new Map<string, number>();
  readonly #problems: string[] = [];
  readonly #delegating = new Set<Promise<void>>();
  readonly #dice: Dice;
  #isOver = false;
  #suspicions = 0;
  #fenced = 0;

  private constructor(options: ChaosOptions, fleet: Fleet, filer: Filer, dice: Dice) {
    this.#options = options;
    this.#dice = dice;
    this.#fleet = fleet;
    this.#filer = filer;
    this.#owner = new Owner(fleet.servers.repository.dir);
    this.#doubles = new Doubles({
      processes: () => fleet.processes(),
      silentMs: (machine, fromMs, toMs) => fleet.beats.silentMs(machine, fromMs, toMs),
      works: filer.filed,
    });
    fleet.onStart = (run) => this.#doubles.start(run);
    fleet.onEvent = (machine, event) => this.#hear(machine, event);
  }

  static async play(options: ChaosOptions): Promise<ChaosReport> {
    // Filing has its own, which real time does not disturb: the same seed files the same tasks.
    const dice = new Dice(options.seed);
    await using fleet = await Fleet.open(options.folder, new Dice(dice.below(2 ** 32)));
    const filer = await Filer.clone(fleet.servers.ssh, join(options.folder, 'eve'));
    options.signal?.throwIfAborted();
    const chaos = new Chaos(options, fleet, filer, dice);
    using _owner = chaos.#owner;
    try {
      return await Promise.race([chaos.#play(), rejectedBy(options.signal)]);
    } finally {
      chaos.#isOver = true;
    }
  }

  async #play(): Promise<ChaosReport> {
    const { machines, evidence, orphans, servers, beats } = this.#fleet;
    await this.#filer.file([this.#nextWork()]);
    for (const machine of machines) await machine.start();
    // What has not begun cannot be disturbed: each has said that it is there.
    await until(() => machines.every(({ name }) => beats.hasBeaten(name)), LOOK_EVERY_MS);
    await Promise.all([this.#fileAll(), this.#strikeAll().then(() => this.#fleet.calmDown())]);
    this.#note('chaos', 'faults end');
    const settledMs = await this.#settle();
    await this.#end();
    evidence.readOn();
    this.#doubles.lookBack();
    const { results, problems } = await readRecorded(servers.repository);
    const notified = join(this.#options.folder, 'notifications');
    this.#problems.push(...problems, ...compareWithRuns(this.#filer.filed, results, evidence));
    const unsound = await findUnsound(this.#fleet);
    this.#problems.push(...(await findUntold(notified, results)), ...unsound.problems);
    const doubles = [...this.#doubles.found.values()];
    const unexcused = doubles.filter(({ silentMs }) => silentMs < this.#fleet.ttlMs);
    for (const { about, first, second } of unexcused)
      this.#problems.push(`two agents of ${about} at once without a suspicion: ${first}, ${second}`);
    if (this.#problems.length > 0) await cp(servers.repository.dir, join(this.#options.folder, 'queue.git'), { recursive: true });
    const { seed, seconds } = this.#options;
    return {
      seed,
      seconds,
      settledMs,
      filed: this.#filer.filed.size,
      struck: this.#struck,
      results,
      runs: evidence.runs.length,
      workerStarts: machines.reduce((sum, { starts }) => sum + starts, 0),
      suspicions: this.#suspicions,
      fenced: this.#fenced,
      answersLost: machines.reduce((sum, { options }) => sum + options.link.answersLost, 0),
      locksRemoved: this.#owner.removed.length,
      doubles: { excused: doubles.length - unexcused.length, unexcused: unexcused.length },
      pickUps: orphans.pickUps,
      recordedAsTheyWere: orphans.recordedAsTheyWere,
      heldOn: orphans.heldOn,
      notifications: readFileSync(notified, 'utf8').split('\n').length - 1,
      clones: { looked: unsound.looked, sound: unsound.looked - unsound.problems.length },
      ownEnds: machines.flatMap(({ ownEnds }) => ownEnds.map((end) => JSON.stringify(end))),
      problems: this.#problems,
    };
  }

  get #strikes(): number {
    return (this.#options.seconds * 1_000) / STRIKE_EVERY_MS;
  }

  #nextWork(): Work {
    const { machines } = this.#fleet;
    return makeWork(
      this.#dice,
      this.#filer.filed.size + 1,
      machines.map(({ name }) => name),
    );
  }

  /** Spread evenly over the faults. */
  async #fileAll(): Promise<void> {
    const { tasks } = this.#options;
    while (this.#filer.filed.size < tasks && !this.#isOver) {
      await pause(FILE_EVERY_MS);
      const strikes = [...this.#struck.values()].reduce((sum, times) => sum + times, 0);
      const due = Math.ceil((tasks * strikes) / this.#strikes);
      const byGit: Work[] = [];
      while (this.#filer.filed.size < due) {
        const work = this.#nextWork();
        this.#filer.filed.set(work.id, work);
        if (this.#dice.chance(DELEGATED)) this.#delegate(work);
        else byGit.push(work);
      }
      await this.#filer.file(byGit);
    }
    while (!this.#isOver && !(await this.#filer.push())) await pause(FILE_EVERY_MS);
    await Promise.all(this.#delegating);
  }

  #delegate(work: Work): void {
    const machine = this.#fleet.pickMachine(() => true);
    if (machine === undefined) return;
    const running = this.#filer.delegate(machine, work).catch((error: Error) => {
      this.#problems.push(`${work.id} could not be delegated: ${error.message}`);
    });
    this.#delegating.add(running);
    void running.finally(() => this.#delegating.delete(running));
  }

  /** So many as the time has room for; on a machine that is too busy for that they take longer, and no two come at once. */
  async #strikeAll(): Promise<void> {
    let next = performance.now();
    for (let strikes = 0; strikes < this.#strikes; strikes++) {
      await pause(Math.max(0, next - performance.now()));
      next = Math.max(next + STRIKE_EVERY_MS, performance.now());
      if (this.#isOver) return;
      const name = await strikeOnce(this.#fleet);
      this.#struck.set(name, (this.#struck.get(name) ?? 0) + 1);
      this.#note('chaos', name);
    }
  }

  /** Waits until every task is recorded, no ref is left but the machines', and nothing waits on any disk. */
  async #settle(): Promise<number> {
    const began = performance.now();
    let changed = { what: '', atMs: began };
    for (;;) {
      const open = await this.#findOpen();
      const now = performance.now();
      if (open.length === 0) return now - began;
      if (open.join() !== changed.what) changed = { what: open.join(), atMs: now };
      if (now - changed.atMs > STANDSTILL_MS) {
        this.#problems.push(
          `nothing moved for ${STANDSTILL_MS / 1_000} s of calm, and there was left: ${open.slice(0, 20).join(', ')}`,
        );
        return now - began;
      }
      await pause(LOOK_EVERY_MS);
    }
  }

  async #findOpen(): Promise<string[]> {
    const { servers, machines } = this.#fleet;
    const files = new Set(
      (await servers.repository.git('ls-tree', '-r', '--name-only', 'main', 'results/')).match(/[^/\n]+(?=\.md$)/gm),
    );
    const open = [...this.#filer.filed.keys()].filter((id) => !files.has(id));
    if (open.length > 0) return open;
    const waiting = await Promise.all(
      machines.map(async (machine) => (await machine.waiting()).map((file) => `${machine.name}: ${file}`)),
    );
    return [...(await findRefs(servers.repository)), ...waiting.flat()];
  }

  /** Ends everything in good order, and looks for whoever stays. */
  async #end(): Promise<void> {
    const { machines, servers, ntfy } = this.#fleet;
    const ends = await Promise.all(machines.map((machine) => machine.end()));
    for (const [index, { code, errors }] of ends.entries()) {
      if (code !== 0) this.#problems.push(`${machines[index]?.name} did not stop in good order (${code}): ${errors.slice(-500)}`);
    }
    for (const file of (await Promise.all(machines.map((machine) => machine.waiting()))).flat())
      this.#problems.push(`left over: ${file}`);
    for (const ref of await findRefs(servers.repository)) this.#problems.push(`left over: ${ref}`);
    await servers.http.kill();
    await ntfy.kill();
    await servers.ssh.goAway();
    const began = performance.now();
    for (;;) {
      const left = this.#fleet.processes();
      if (left.length === 0) return;
      if (performance.now() - began > END_WITHIN_MS + 10_000) {
        for (const { pid, role, command } of left) this.#problems.push(`still alive: ${pid} (${role}) ${command.slice(0, 200)}`);
        return;
      }
      await pause(LOOK_EVERY_MS);
    }
  }

  #hear(machine: Machine, event: WorkerEvent): void {
    if (event.type === 'rescued' && (event.reason === 'stale' || event.reason === 'absent')) this.#suspicions += 1;
    if (event.type === 'fenced') this.#fenced += 1;
    if (isBug(event)) this.#problems.push(`${machine.name} said: ${JSON.stringify(event).slice(0, 500)}`);
    if (event.type !== 'looking' && event.type !== 'resting') this.#note(machine.name, JSON.stringify(event));
  }

  #note(who: string, what: string): void {
    appendFileSync(join(this.#options.folder, 'story'), `${Date.now()} ${who} ${what}\n`);
  }
}

/** Never resolves. */
function rejectedBy(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
}

/** What no fault of these explains: nobody filed what is invalid, used a name twice or moved the branch back; an error with a stack is no expected failure. */
function isBug(event: WorkerEvent): boolean {
  if (event.type === 'trouble') return /\n\s+at /.test(event.text);
  return ['invalid', 'config-invalid', 'twin', 'moved-back', 'refused', 'paused'].includes(event.type);
}
