import { type FSWatcher, statSync, watch } from 'node:fs';

/**
 * Tells when something changes in folders that may come and go, as far as the system tells. Only a hint: who watches looks
 * now and then all the same.
 */
export class FolderWatch {
  readonly #folders: readonly string[];
  readonly #onChange: () => void;
  readonly #watched = new Map<string, { identity: string; watcher: FSWatcher }>();

  constructor(folders: readonly string[], onChange: () => void) {
    this.#folders = folders;
    this.#onChange = onChange;
    this.arm();
  }

  /** Begins to watch what has appeared since the last call, and lets go of what is gone. */
  arm(): void {
    for (const folder of this.#folders) {
      // A folder that is made anew may get the number of the one before it.
      const found = statSync(folder, { throwIfNoEntry: false });
      const identity = found && `${found.ino} ${found.birthtimeMs}`;
      if (this.#watched.get(folder)?.identity === identity) continue;
      this.#drop(folder);
      if (identity !== undefined) this.#watch(folder, identity);
    }
  }

  close(): void {
    for (const folder of this.#folders) this.#drop(folder);
  }

  #watch(folder: string, identity: string): void {
    try {
      // Git makes a lock beside each file that it is about to replace: that is not the change yet.
      const watcher = watch(folder, (_, name) => (name?.endsWith('.lock') ? undefined : this.#onChange()));
      watcher.on('error', () => this.#drop(folder));
      this.#watched.set(folder, { identity, watcher });
    } catch {
      // It has just gone, or the system watches no more: looking now and then must do.
    }
  }

  #drop(folder: string): void {
    this.#watched.get(folder)?.watcher.close();
    this.#watched.delete(folder);
  }
}
