import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ProcessTable } from './process-table.ts';

/** So old is a lock at the server when its owner looks at it: a push takes less, and docs/troubleshooting.md says ten minutes. */
const STALE_MS = 3_000;
const LOOK_EVERY_MS = 1_000;
const TICKS_PER_SECOND = 100;

/** Whoever owns the server: does what docs/troubleshooting.md says about a lock that stays there, and nothing else. */
export class Owner implements Disposable {
  readonly #repository: string;
  readonly #processes: ProcessTable;
  readonly #timer: NodeJS.Timeout;
  /** Locks that a git server left when it was killed, by path within the repository. */
  readonly removed: string[] = [];

  constructor(repository: string) {
    this.#repository = repository;
    this.#processes = new ProcessTable([repository]);
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  /** Removes locks that are old and older than every git process of the server there: whoever made them has ended. */
  look(): void {
    const now = Date.now();
    const isOlder = (madeMs: number): boolean =>
      this.#processes.list().every(({ role, start }) => role !== 'server-git' || startedAt(start) > madeMs);
    for (const path of this.#locks()) {
      const madeMs = madeAt(path);
      if (madeMs === null || now - madeMs < STALE_MS || !isOlder(madeMs)) continue;
      rmSync(path, { force: true });
      this.removed.push(path.slice(this.#repository.length + 1));
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #locks(): string[] {
    return ['', 'refs', join('objects', 'info')].flatMap((folder) => {
      const names = list(join(this.#repository, folder), folder === 'refs');
      return names.filter((name) => name.endsWith('.lock')).map((name) => join(this.#repository, folder, name));
    });
  }
}

/** Empty where a folder vanishes meanwhile, as folders of refs do: the next look sees the rest. */
function list(folder: string, recursive: boolean): string[] {
  try {
    return readdirSync(folder, { recursive }).map(String);
  } catch {
    return [];
  }
}

/** Null where it has gone. */
function madeAt(path: string): number | null {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return null;
  }
}

/** Wall clock, milliseconds, rounded down to a second before: the kernel says when it booted in whole seconds. */
function startedAt(ticks: string): number {
  const [, booted] = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1')) ?? [];
  return Number(booted) * 1_000 + (Number(ticks) * 1_000) / TICKS_PER_SECOND - 1_000;
}
