import { type FSWatcher, statSync, watch } from 'node:fs';

/**
 * Tells when something changes in folders that may come and go, as far as the system tells. Only a hint: who watches looks
 * now and then all the same.
 */
export class FolderWatch {
  readonly #folders: readonly string[];
  readonly #onChange: () => void;
  readonly #watched = new Map<string, { inode: number; watcher: FSWatcher }>();

  constructor(folders: readonly string[], onChange: () => void) {
    this.#folders = folders;
    this.#onChange = onChange;
    this.arm();
  }

  /** Begins to watch what has appeared since the last call, and lets go of what is gone. */
  arm(): void {
    for (const folder of this.#folders) {
      const inode = statSync(folder, { throwIfNoEntry: false })?.ino ?? null;
      const before = this.#watched.get(folder);
      if (before?.inode === inode) continue;
      this.#drop(folder);
      if (inode !== null) this.#watch(folder, inode);
    }
  }

  close(): void {
    for (const folder of this.#folders) this.#drop(folder);
  }

  #watch(folder: string, inode: number): void {
    try {
      // Git makes a lock beside each file that it is about to replace: that is not the change yet.
      const watcher = watch(folder, (_, name) => (name?.endsWith('.lock') ? undefined : this.#onChange()));
      watcher.on('error', () => this.#drop(folder));
      this.#watched.set(folder, { inode, watcher });
    } catch {
      // It has just gone, or the system watches no more: looking now and then must do.
    }
  }

  #drop(folder: string): void {
    this.#watched.get(folder)?.watcher.close();
    this.#watched.delete(folder);
  }
}
