/** A file: what is in it, and what of it a power cut leaves. */
interface Node {
  content: Buffer;
  synced: Buffer | null;
}

/** Names by path of their folder: as they are, and as a power cut leaves them. */
interface Folder {
  names: Map<string, Node | 'folder'>;
  synced: Map<string, Node | 'folder'>;
}

export class DiskError extends Error {
  readonly code: string;

  constructor(code: string, path: string) {
    super(`${code}: ${path}`);
    this.code = code;
  }
}

/**
 * A machine's disk as POSIX promises it and no better: what was not synced may be gone after a power cut, the content of a file apart
 * from its name. After the mere end of a process everything is there.
 */
export class SimulatedDisk {
  readonly #folders = new Map<string, Folder>([['/', { names: new Map(), synced: new Map() }]]);
  /** Takes nothing more. */
  full = false;

  read(path: string): Buffer {
    return this.#file(path).content;
  }

  exists(path: string): boolean {
    return this.#find(path) !== null;
  }

  write(path: string, content: Buffer, { exclusive = false, append = false } = {}): void {
    if (this.full) throw new DiskError('ENOSPC', path);
    const [folder, name] = this.#split(path);
    const there = folder.names.get(name);
    if (there === 'folder') throw new DiskError('EISDIR', path);
    if (there !== undefined && exclusive) throw new DiskError('EEXIST', path);
    if (there === undefined) folder.names.set(name, { content, synced: null });
    else there.content = append ? Buffer.concat([there.content, content]) : content;
  }

  sync(path: string): void {
    const found = this.#find(path);
    if (found === null) throw new DiskError('ENOENT', path);
    if (found !== 'folder') found.synced = found.content;
    else {
      const folder = this.#folder(path);
      folder.synced = new Map(folder.names);
    }
  }

  rename(from: string, to: string): void {
    const [folder, name] = this.#split(from);
    const node = folder.names.get(name);
    if (node === undefined || node === 'folder') throw new DiskError('ENOENT', from);
    const [into, newName] = this.#split(to);
    if (into.names.get(newName) === 'folder') throw new DiskError('EISDIR', to);
    folder.names.delete(name);
    into.names.set(newName, node);
  }

  /** A second name for the same file; never in the place of another. */
  link(from: string, to: string): void {
    if (this.full) throw new DiskError('ENOSPC', to);
    const node = this.#file(from);
    const [folder, name] = this.#split(to);
    if (folder.names.has(name)) throw new DiskError('EEXIST', to);
    folder.names.set(name, node);
  }

  remove(path: string): void {
    const [folder, name] = this.#split(path);
    folder.names.delete(name);
  }

  list(path: string): string[] {
    return [...this.#folder(path).names.keys()].sort();
  }

  makeFolder(path: string): void {
    let at = '';
    for (const name of path.split('/').filter(Boolean)) {
      const above = this.#folders.get(at === '' ? '/' : at) as Folder;
      at = `${at}/${name}`;
      if (this.#folders.has(at)) continue;
      if (this.full) throw new DiskError('ENOSPC', path);
      above.names.set(name, 'folder');
      // Folders that are lost only make their files' loss harder to read: they stay.
      above.synced.set(name, 'folder');
      this.#folders.set(at, { names: new Map(), synced: new Map() });
    }
  }

  /** The power is cut: of what was not synced, `keeps` says what had reached the disk all the same. */
  cutPower(keeps: () => boolean): void {
    for (const folder of this.#folders.values()) {
      const after = new Map(folder.synced);
      for (const name of new Set([...folder.names.keys(), ...folder.synced.keys()])) {
        const [now, then] = [folder.names.get(name), folder.synced.get(name)];
        if (now === then || !keeps()) continue;
        if (now === undefined) after.delete(name);
        else after.set(name, now);
      }
      folder.names = after;
      folder.synced = new Map(after);
      for (const node of after.values()) {
        if (node === 'folder' || node.synced === node.content) continue;
        node.content = keeps() ? node.content : (node.synced ?? Buffer.alloc(0));
        node.synced = node.content;
      }
    }
  }

  #find(path: string): Node | 'folder' | null {
    if (path === '/') return 'folder';
    const folder = this.#folders.get(path.slice(0, path.lastIndexOf('/')) || '/');
    return folder?.names.get(path.slice(path.lastIndexOf('/') + 1)) ?? null;
  }

  #file(path: string): Node {
    const found = this.#find(path);
    if (found === null) throw new DiskError('ENOENT', path);
    if (found === 'folder') throw new DiskError('EISDIR', path);
    return found;
  }

  #folder(path: string): Folder {
    const folder = this.#folders.get(path);
    if (folder === undefined) throw new DiskError('ENOENT', path);
    return folder;
  }

  #split(path: string): [Folder, string] {
    return [this.#folder(path.slice(0, path.lastIndexOf('/')) || '/'), path.slice(path.lastIndexOf('/') + 1)];
  }
}
