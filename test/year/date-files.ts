import { lstat, lutimes, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Gives everything that was changed since the last call the time that it is in the year: the file system knows only how late it
 * really is.
 */
export class FileDates {
  #sinceMs = Date.now();
  readonly #roots: readonly string[];

  constructor(...roots: readonly string[]) {
    this.#roots = roots;
  }

  async set(nowMs: number): Promise<void> {
    const sinceMs = this.#sinceMs;
    this.#sinceMs = Date.now();
    for (const root of this.#roots) await date(root, sinceMs - 1_000, this.#sinceMs + 1_000, nowMs);
  }
}

/** What is within the real interval was changed now; all else has its time already. */
async function date(path: string, fromMs: number, toMs: number, nowMs: number): Promise<void> {
  const info = await lstat(path).catch(() => null);
  if (info === null) return;
  if (info.isDirectory())
    for (const name of await readdir(path).catch(() => [])) await date(join(path, name), fromMs, toMs, nowMs);
  if (info.mtimeMs >= fromMs && info.mtimeMs <= toMs) await lutimes(path, nowMs / 1000, nowMs / 1000).catch(() => {});
}

/** Files below a folder, and the bytes in them. */
export async function addUp(path: string): Promise<{ files: number; bytes: number }> {
  const info = await lstat(path).catch(() => null);
  if (info === null) return { files: 0, bytes: 0 };
  if (!info.isDirectory()) return { files: 1, bytes: info.size };
  const inside = await Promise.all((await readdir(path).catch(() => [])).map((name) => addUp(join(path, name))));
  return inside.reduce((sum, one) => ({ files: sum.files + one.files, bytes: sum.bytes + one.bytes }), { files: 0, bytes: 0 });
}
