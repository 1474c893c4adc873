import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { probeContainment, type Unit } from '@errand/workspace';
import { onTestFinished } from 'vitest';

const TICK_MS = 20;
/**
 * The program gets a `/proc/uptime` and a wall clock of its own, and a `/dev/shm`, in which libfaketime leaves something for each
 * process that is killed; nobody else sees them. The shell becomes the program.
 */
const WITH_OWN_CLOCKS =
  'mount --bind "$1" /proc/uptime && mount -t tmpfs shm /dev/shm && export LD_PRELOAD="$2" && shift 2 && exec "$@"';
/** Whoever enters a control group says so on file descriptor 3, and here nobody listens. */
const UNHEARD = 'exec "$@" 3>/dev/null';

/**
 * A machine that sleeps, as its processes see it: all of them stop at once, wherever they are (their control group is frozen), and go
 * on hours later. In between, the wall clock and the time since boot have gone on; the clock that timers run by has not, as on
 * a real one. The test does not wait for these hours.
 */
export class Laptop implements AsyncDisposable {
  /** What its worker is started through. */
  readonly launcher: readonly [string, ...string[]];
  /** What its worker's environment has besides. */
  readonly env: Readonly<Record<string, string>>;
  readonly #unit: Unit;
  readonly #uptimeFile: string;
  readonly #wallFile: string;
  readonly #bootedAt = performance.now();
  readonly #ticking: NodeJS.Timeout;
  #sleptMs = 0;
  #wallAheadMs = 0;

  private constructor(folder: string, unit: Unit, enter: readonly [string, ...string[]], faketime: string) {
    this.#unit = unit;
    this.#uptimeFile = join(folder, 'uptime');
    this.#wallFile = join(folder, 'wall-clock');
    this.#tellUptime();
    this.#tellWallClock();
    this.#ticking = setInterval(() => this.#tellUptime(), TICK_MS);
    this.launcher = ['sh', '-c', UNHEARD, 'sh', ...enter, WITH_OWN_CLOCKS, 'sh', this.#uptimeFile, faketime];
    this.env = {
      FAKETIME_TIMESTAMP_FILE: this.#wallFile,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    };
  }

  /** Why this machine cannot play one, or null. */
  static async whyNot(): Promise<string | null> {
    if (process.getuid?.() !== 0) return 'only root can give a process a /proc/uptime of its own';
    if (findFaketime() === null) return 'libfaketime is missing: install faketime';
    const probe = await probeContainment('cgroup');
    return probe.ok ? null : probe.message;
  }

  /** `folder`: one that does not exist yet; whoever names it removes it. */
  static async open(folder: string): Promise<Laptop> {
    const why = await Laptop.whyNot();
    const [probe, faketime] = [await probeContainment('cgroup'), findFaketime()];
    if (why !== null || !probe.ok || faketime === null) throw new Error(why ?? '');
    mkdirSync(folder, { recursive: true });
    const prepared = probe.containment.prepare(`laptop-${randomBytes(6).toString('hex')}`);
    if (!prepared.ok) throw new Error(prepared.reason);
    const { wrap, unit } = prepared.place;
    if (unit === null) throw new Error('a control group is there before its first process');
    const laptop = new Laptop(folder, unit, wrap('unshare', ['--mount', '--propagation', 'private', 'sh', '-c']), faketime);
    // Also where the test is given up: what sleeps then would sleep for ever.
    onTestFinished(() => laptop[Symbol.asyncDispose]());
    return laptop;
  }

  /** Everything on it stops, in the middle of whatever it does. */
  sleep(): Promise<void> {
    return this.#unit.freeze();
  }

  /** It goes on, and finds that it slept for so long. */
  async wake(afterMs: number): Promise<void> {
    this.#sleptMs += afterMs;
    this.#tellUptime();
    this.setClock(afterMs);
    await this.#unit.thaw();
  }

  /** Somebody sets its wall clock forward, or back; nothing else notices. */
  setClock(byMs: number): void {
    this.#wallAheadMs += byMs;
    this.#tellWallClock();
  }

  /** Ends whatever still runs on it. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#ticking);
    await this.#unit.end(0);
  }

  /** Of one length always, in one write: whoever reads it finds one time or the next. */
  #tellUptime(): void {
    const seconds = (performance.now() - this.#bootedAt + this.#sleptMs) / 1_000;
    writeFileSync(this.#uptimeFile, `${seconds.toFixed(2).padStart(20, '0')} 0.00\n`, {
      flag: existsSync(this.#uptimeFile) ? 'r+' : 'w',
    });
  }

  #tellWallClock(): void {
    const sign = this.#wallAheadMs < 0 ? '-' : '+';
    writeFileSync(`${this.#wallFile}.new`, `${sign}${Math.abs(this.#wallAheadMs) / 1_000}\n`);
    renameSync(`${this.#wallFile}.new`, this.#wallFile);
  }
}

/** The library that gives a process a wall clock of its own; each distribution has it elsewhere. */
function findFaketime(): string | null {
  const folders = ['/usr/lib', '/usr/lib64', ...readdirSync('/usr/lib').map((name) => join('/usr/lib', name))];
  const paths = folders.map((folder) => join(folder, 'faketime', 'libfaketimeMT.so.1'));
  return paths.find((path) => existsSync(path)) ?? null;
}
