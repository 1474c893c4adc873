import { createHash } from 'node:crypto';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { QueueConfig } from '@errand/config';
import type { Clock, View } from '@errand/planner';
import type { Problem } from '@errand/task';
import { acquireLock } from './git/lock.ts';
import { openPrivateClone, type PrivateClone, type PrivateCloneOptions, type Renewal } from './git/private-clone.ts';
import { DamagedCloneError } from './objects.ts';
import { type FlushOutcome, Outbox } from './outbox.ts';
import type { FetchOutcome, GitFailure, GitPort } from './port.ts';
import type { ResultStateCache } from './result-states.ts';
import { ViewReader } from './view-reader.ts';

export type ViewOutcome = { ok: true; view: View } | { ok: false; cause: GitFailure };

export interface QueueOptions {
  /** URL or absolute path. */
  remote: string;
  branch: string;
  /** Absolute. */
  stateDir: string;
  clock: Clock;
  /** Chance, from 0 to below 1, for the pause before a fetch is tried again; default: the process's own. */
  random?: () => number;
  env?: NodeJS.ProcessEnv;
  timeouts?: PrivateCloneOptions['timeouts'];
  identity?: { name: string; email: string };
  onEvent?: PrivateCloneOptions['onEvent'];
  /** A person waits for this process: what can wait in the clone is left to others. */
  hasty?: boolean;
  /** How large the clone may be before it is held against a new one, bytes; default 8 MiB. */
  roomBytes?: number;
  /** A port to use instead of the private clone: tests and simulations. */
  port?: GitPort;
}

const LOCK_WAIT_MS = 30_000;
const TRANSIENT_TRIES = 4;
const TRANSIENT_PAUSE_MS = 25;
/** A file whose time is that of the last fetch. */
const LOOKED = 'looked';
/** So long ago, a look at the branch is still worth a push under its lease. */
const FRESH_MS = 10_000;

/** Opens a queue on this machine. Nothing is read or made before it is needed. */
export function openQueue(options: QueueOptions): Queue {
  return new Queue(options);
}

/** One queue as this machine knows it: its private clone, and the files that must survive the clone. */
export class Queue {
  readonly remote: string;
  readonly branch: string;
  /** Folder of this queue within the state directory. */
  readonly dir: string;
  readonly port: GitPort;
  readonly outbox: Outbox;
  readonly resultStateCache: ResultStateCache = new Map();
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #reader: ViewReader;
  /** Null where another port stands in its place. */
  readonly #clone: PrivateClone | null;

  constructor(options: QueueOptions) {
    this.remote = options.remote;
    this.branch = options.branch;
    this.#clock = options.clock;
    this.#random = options.random ?? Math.random;
    const name = createHash('sha256').update(`${options.remote}\n${options.branch}`).digest('hex').slice(0, 16);
    this.dir = join(options.stateDir, 'queues', name);
    const { remote, branch, env, timeouts, identity, onEvent, hasty, roomBytes } = options;
    const clone: PrivateCloneOptions = {
      dir: join(this.dir, 'clone'),
      remote,
      branch,
      now: () => this.#clock.wallMs(),
      ...(env && { env }),
      ...(timeouts && { timeouts }),
      ...(identity && { identity }),
      ...(onEvent && { onEvent }),
      ...(hasty && { hasty }),
      ...(roomBytes !== undefined && { roomBytes }),
    };
    this.#clone = options.port === undefined ? openPrivateClone(clone) : null;
    this.port = this.#clone ?? (options.port as GitPort);
    this.outbox = new Outbox(join(this.dir, 'outbox'));
    this.#reader = new ViewReader(this.port, branch);
  }

  /** `config/errand.yaml` of the last view; where it is invalid there, the last good one. */
  get config(): QueueConfig {
    return this.#reader.config;
  }

  get configProblems(): readonly Problem[] {
    return this.#reader.configProblems;
  }

  /**
   * Fetches and reads. A view exists only after a fetch that succeeded, and with the queue's file, if there is one; a damaged clone is
   * re-made once.
   */
  async readView(): Promise<ViewOutcome> {
    return this.exclusively<ViewOutcome>(async () => {
      const read = await this.#look();
      if (!read.ok || !this.#reader.lacksConfig) return read;
      // The tasks would be carried out by rules that nobody wrote.
      return {
        ok: false,
        cause: { kind: 'transient', message: 'the content of config/errand.yaml did not come from the remote' },
      };
    });
  }

  async #look(): Promise<ViewOutcome> {
    const at = this.#clock.elapsedMs();
    const fetched = await this.#fetch();
    if (!fetched.ok) return fetched;
    const read = await this.#read(at);
    if (read.ok) return read;
    const remade = await this.port.remake(read.cause.message);
    return remade.ok ? this.#read(at) : remade;
  }

  /** Objects that are missing even from a new clone are missing on the remote, or it broke off in between: looked at again later. */
  async #read(at: number): Promise<ViewOutcome> {
    try {
      return { ok: true, view: await this.#reader.read(at, this.#clock.elapsedMs()) };
    } catch (error) {
      if (!(error instanceof DamagedCloneError)) throw error;
      return { ok: false, cause: { kind: 'transient', message: error.message } };
    }
  }

  /** What the last fetch of any process brought, without asking the remote. Null where there is no clone yet. */
  async readLastView(): Promise<View | null> {
    try {
      return await this.#reader.read(this.#clock.elapsedMs());
    } catch (error) {
      if (error instanceof DamagedCloneError) return null;
      throw error;
    }
  }

  /** Makes the private clone anew, for who found an object missing; while nobody else uses it. */
  async remake(reason: string): Promise<FetchOutcome> {
    return this.exclusively(() => this.port.remake(reason));
  }

  /** True where the private clone is much larger than a new one would be: `renewClone` has something to do. */
  async hasOutgrownClone(): Promise<boolean> {
    return (await this.#clone?.hasOutgrown()) ?? false;
  }

  /**
   * Makes a small clone beside one that has outgrown it (`force`: in any case); the next view of this queue takes it. Nobody is
   * kept waiting meanwhile, and one process at a time does it. Never rejects.
   */
  async renewClone(options: { force?: boolean } = {}): Promise<Renewal> {
    if (this.#clone === null) return { kind: 'small-enough', weight: { bytes: 0, packs: 0, looseObjects: 0 } };
    const taken = await acquireLock(join(this.dir, 'renewal.lock'), { waitMs: 0, what: 'making a new private clone' });
    if ('failure' in taken) {
      const { holder, message } = taken.failure;
      return holder === undefined ? { kind: 'failed', cause: { kind: 'refused', message } } : { kind: 'busy' };
    }
    try {
      return await this.#clone.renew(options);
    } finally {
      await taken.lock.release();
    }
  }

  /** Sends what waits in the outbox; one process at a time. `onPush` is called before each push. */
  async flushOutbox({ onPush = () => {} }: { onPush?: () => void } = {}): Promise<FlushOutcome> {
    const flushed = await this.exclusively(() => this.#flush(onPush));
    if (flushed.ok || 'pending' in flushed) return flushed;
    return { ...flushed, sent: [], pending: (await this.outbox.pending()).map(({ id }) => id) };
  }

  /** A clone that lacks something is made anew, once; what even that one lacks is left for later, and the tasks stay in the outbox. */
  async #flush(onPush: () => void): Promise<FlushOutcome | { ok: false; cause: GitFailure }> {
    const lastLookWillDo = this.#clock.wallMs() - (await this.#lookedAtMs()) < FRESH_MS;
    try {
      return await this.outbox.flush(this.port, this.branch, { lastLookWillDo, onPush });
    } catch (error) {
      if (!(error instanceof DamagedCloneError)) throw error;
      const remade = await this.port.remake(error.message);
      if (!remade.ok) return remade;
    }
    try {
      return await this.outbox.flush(this.port, this.branch, { onPush });
    } catch (error) {
      if (!(error instanceof DamagedCloneError)) throw error;
      return { ok: false, cause: { kind: 'transient', message: error.message } };
    }
  }

  /** When any process last brought the clone up to date, wall clock; long ago where none did. */
  async #lookedAtMs(): Promise<number> {
    return stat(join(this.dir, LOOKED)).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.NEGATIVE_INFINITY,
    );
  }

  async #noteLook(): Promise<void> {
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    await writeFile(join(this.dir, LOOKED), '');
  }

  /** Holds the clone against other processes. A lock that cannot be had is an environment failure, not a bug. */
  async exclusively<T>(work: () => Promise<T>): Promise<T | { ok: false; cause: GitFailure }> {
    const taken = await acquireLock(join(this.dir, 'clone.lock'), { waitMs: LOCK_WAIT_MS, what: 'the private clone' });
    if ('failure' in taken) return { ok: false, cause: { kind: 'transient', message: taken.failure.message } };
    try {
      return await work();
    } finally {
      await taken.lock.release();
    }
  }

  async close(): Promise<void> {
    await this.port.close();
  }

  async #fetch(): Promise<FetchOutcome> {
    for (let attempt = 1; ; attempt++) {
      const fetched = await this.port.fetch();
      if (fetched.ok) await this.#noteLook().catch(() => undefined);
      if (fetched.ok || fetched.cause.kind !== 'transient' || attempt === TRANSIENT_TRIES) return fetched;
      await setTimeout(this.#random() * TRANSIENT_PAUSE_MS * 2 ** attempt);
    }
  }
}
