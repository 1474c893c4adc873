import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { removeDurably, writeDurably } from '@errand/queue';
import { nameOfKey, type OutboxEntry, parseEntry, renderEntry } from './entry.ts';

/** What a look into the folder showed. */
export interface FolderContents {
  /** By the name of their key. */
  entries: Map<string, OutboxEntry>;
  /** Files that hold no notification, set aside as `<name>.damaged`. */
  damaged: string[];
}

const ENTRY_FILE = /^([0-9a-f]{40})\.json$/;
const SETTLED_FILE = /^([0-9a-f]{40})\.(\d{1,15})$/;
const DRAFT_FILE = /\.(\d+)\.[0-9a-f]{8}\.tmp$/;
/** A notification has 4 KiB of text. */
const MAX_FILE_BYTES = 65_536;

/**
 * The outbox on disk: `<name>.json` for what waits, and in `settled/` an empty file for each key that went or
 * was dropped, with the time in its name, so that a start reads no more than a listing.
 */
export class OutboxFolder {
  readonly #path: string;
  readonly #settledPath: string;

  constructor(path: string) {
    this.#path = path;
    this.#settledPath = join(path, 'settled');
  }

  /** Everything that waits, except what is in `known`, which need not be read again. */
  async readEntries(known: { has(name: string): boolean }): Promise<FolderContents> {
    const contents: FolderContents = { entries: new Map(), damaged: [] };
    for (const file of await listNames(this.#path)) {
      await this.#removeDeadDraft(file);
      const name = ENTRY_FILE.exec(file)?.[1];
      if (name === undefined && !file.endsWith('.json')) continue;
      if (name !== undefined && known.has(name)) continue;
      const entry = await this.#readEntry(file);
      if (entry === 'gone') continue;
      if (entry === null || name !== nameOfKey(entry.notification.key)) {
        await rename(join(this.#path, file), join(this.#path, `${file}.damaged`));
        contents.damaged.push(file);
      } else contents.entries.set(name, entry);
    }
    return contents;
  }

  /** Wall clock in ms at which each key was settled, by its name. */
  async readSettled(): Promise<Map<string, number>> {
    const settled = new Map<string, number>();
    for (const file of await listNames(this.#settledPath)) {
      const [, name, atMs] = SETTLED_FILE.exec(file) ?? [];
      if (name !== undefined) settled.set(name, Number(atMs));
    }
    return settled;
  }

  async write(entry: OutboxEntry): Promise<void> {
    await writeDurably(this.#file(nameOfKey(entry.notification.key)), renderEntry(entry));
  }

  /** False only where the file is known to be gone. */
  async holds(name: string): Promise<boolean> {
    return stat(this.#file(name)).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
    );
  }

  async remove(name: string): Promise<void> {
    await removeDurably(this.#file(name));
  }

  /** First the note, then the removal: between the two it is both, and counts as settled. */
  async markSettled(name: string, atMs: number): Promise<void> {
    await writeDurably(join(this.#settledPath, `${name}.${atMs}`), '');
    await this.remove(name);
  }

  async forgetSettled(name: string, atMs: number): Promise<void> {
    await rm(join(this.#settledPath, `${name}.${atMs}`), { force: true });
  }

  #file(name: string): string {
    return join(this.#path, `${name}.json`);
  }

  async #readEntry(file: string): Promise<OutboxEntry | null | 'gone'> {
    const path = join(this.#path, file);
    try {
      const about = await stat(path);
      if (!about.isFile() || about.size > MAX_FILE_BYTES) return null;
      return parseEntry(await readFile(path, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
      throw error;
    }
  }

  /** What a process left that ended while it wrote. */
  async #removeDeadDraft(file: string): Promise<void> {
    const writer = DRAFT_FILE.exec(file)?.[1];
    if (writer !== undefined && !isRunning(Number(writer))) await rm(join(this.#path, file), { force: true });
  }
}

/** Names in a folder; none where there is no folder. */
async function listNames(path: string): Promise<string[]> {
  return readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
