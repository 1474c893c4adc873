import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Unit } from '../containment/unit.ts';
import { readElapsedMs } from '../elapsed-time.ts';
import { type GuardOrder, type GuardReport, splitLines } from './guard-lines.ts';

/** The worker's side of its guard process, which starts with the first unit. */
export interface Guard {
  /** From now on the unit dies with the worker; a `freezeable` one is frozen while the worker is silent, and `onFrozen` told. */
  watch(unit: Unit, options: { freezeable: boolean; onFrozen?: () => void }): void;
  unwatch(id: string): void;
  /**
   * The worker was in touch with the queue, `ageMs` milliseconds ago (default: now), which is good for `ttlMs` (default: as before).
   * Before each thaw after a silence.
   */
  tick(ageMs?: number, ttlMs?: number): void;
  /** Process id, or null while there is no guard process. */
  pid(): number | null;
  /** Ends the guard process; units still watched are killed by it. Resolves when it is gone; a later `watch` starts a new one. */
  stop(): Promise<void>;
}

export interface GuardOptions {
  /** After 2/3 of this without a `tick`, freezeable units are frozen; a `tick` may say another. */
  ttlMs: number;
  /** The guard process died by itself, or could not start: a new one is started, told about all units. */
  onDied?: (reason: string) => void;
}

const LONGEST_RESTART_MS = 30_000;
/** A guard that lived for so long did not fail to start: its successor starts at once. */
const SETTLED_MS = 10_000;

interface Running {
  child: ChildProcess;
  sinceMs: number;
  gone: Promise<void>;
}

/** Makes the guard of this worker. Nothing is started before the first `watch`. */
export function startGuard({ ttlMs: firstTtlMs, onDied = () => {} }: GuardOptions): Guard {
  const watched = new Map<string, { unit: Unit; freezeable: boolean; onFrozen: () => void }>();
  let running: Running | null = null;
  let restart: NodeJS.Timeout | undefined;
  let restartMs = 0;
  let inTouchAt = readElapsedMs();
  let ttlMs = firstTtlMs;

  const send = (order: GuardOrder): void => {
    running?.child.stdin?.write(`${JSON.stringify(order)}\n`);
  };
  const sendTick = (): void => send({ do: 'tick', ttlMs, ageMs: Math.max(0, readElapsedMs() - inTouchAt) });

  const listen = (report: GuardReport): void => {
    watched.get(report.id)?.onFrozen();
  };

  const start = (): void => {
    clearTimeout(restart);
    const child = spawnGuard(listen);
    const started: Running = {
      child,
      sinceMs: performance.now(),
      gone: untilGone(child, (reason) => noticeDeath(started, reason)),
    };
    running = started;
    sendTick();
    for (const { unit, freezeable } of watched.values()) send({ do: 'watch', unit: unit.describe(), freezeable });
  };

  const noticeDeath = (dead: Running, reason: string): void => {
    if (running !== dead) return;
    running = null;
    onDied(reason);
    if (watched.size === 0) return;
    if (performance.now() - dead.sinceMs > SETTLED_MS) restartMs = 0;
    restart = setTimeout(start, restartMs);
    restart.unref();
    restartMs = Math.min(LONGEST_RESTART_MS, restartMs * 2 + 100);
  };

  return {
    watch(unit, { freezeable, onFrozen = () => {} }) {
      watched.set(unit.id, { unit, freezeable, onFrozen });
      if (running === null) start();
      else send({ do: 'watch', unit: unit.describe(), freezeable });
    },
    unwatch(id) {
      watched.delete(id);
      send({ do: 'unwatch', id });
    },
    tick(ageMs = 0, good = ttlMs) {
      inTouchAt = readElapsedMs() - ageMs;
      ttlMs = good;
      sendTick();
    },
    pid: () => running?.child.pid ?? null,
    async stop() {
      clearTimeout(restart);
      watched.clear();
      const stopping = running;
      running = null;
      stopping?.child.ref();
      stopping?.child.stdin?.end();
      await stopping?.gone;
    },
  };
}

/** In a session of its own, so that no signal to the worker's group or terminal reaches it; it never keeps the worker alive. */
function spawnGuard(listen: (report: GuardReport) => void): ChildProcess {
  const child = spawn(process.execPath, guardArgs(), {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
    detached: true,
  });
  child.stdin?.on('error', () => {});
  child.stdout?.setEncoding('utf8').on('data', splitLines(listen));
  child.unref();
  for (const pipe of [child.stdin, child.stdout]) (pipe as unknown as { unref(): void } | null)?.unref();
  return child;
}

/** Built code runs as it is. From TypeScript sources, Node 20 needs tsx, which a checkout has. */
function guardArgs(): string[] {
  const built = import.meta.url.endsWith('.js');
  const main = fileURLToPath(new URL(built ? './guard-main.js' : './guard-main.ts', import.meta.url));
  const small = ['--max-semi-space-size=1', '--max-old-space-size=64'];
  if (built) return [...small, main];
  return [...small, '--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href, main];
}

function untilGone(child: ChildProcess, notice: (reason: string) => void): Promise<void> {
  return new Promise((resolve) => {
    const gone = (reason: string): void => {
      resolve();
      notice(reason);
    };
    child.once('error', (error) => gone(`cannot start the guard: ${error.message}`));
    child.once('exit', (code, signal) => gone(`the guard ended with ${signal ?? `status ${code}`}`));
  });
}
