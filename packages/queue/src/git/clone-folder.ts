import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { GitFailure, RefEntry } from '../port.ts';
import {
  type CloneFiles,
  deleteClone,
  inspectCloneFiles,
  isFiltered,
  markUnfiltered,
  nameBeside,
  placeClone,
  removeLeftovers,
  replaceClone,
} from './clone-files.ts';
import { noteMade } from './clone-weight.ts';
import type { ObjectFormat } from './encode-object.ts';
import { fetchRefs, initClone, wantedFormat } from './fetch-refs.ts';
import { explainFailure } from './git-failure.ts';
import type { GitSession } from './git-session.ts';
import { inspectClone } from './inspect-clone.ts';
import { ObjectReader } from './object-reader.ts';

/** What a clone that is made anew does differently. */
export interface CloneChange {
  format?: ObjectFormat;
  /** False: with all blobs. */
  filtered?: boolean;
}

/**
 * The clone's folder: made when it is needed, re-made when it is damaged. Always beside its place first, and put there when
 * it is whole, so that a failure (no network) leaves what was there.
 */
export class CloneFolder {
  readonly #session: GitSession;
  readonly #dir: string;
  readonly #branch: string;
  readonly #now: () => number;
  readonly #onChange: () => Promise<void>;
  #known: CloneFiles | null = null;
  #preparing: Promise<CloneFiles | { failure: GitFailure }> | null = null;
  /** A clone that is whole and waits beside its place, and the clone that it is to replace. */
  #successor: { made: string; of: number } | null = null;
  #deleting: Promise<void> = Promise.resolve();

  constructor(session: GitSession, options: { dir: string; branch: string; now: () => number }, onChange: () => Promise<void>) {
    this.#session = session;
    this.#dir = options.dir;
    this.#branch = options.branch;
    this.#now = options.now;
    this.#onChange = onChange;
  }

  /** Names the clone that is there, as far as this process knows; null for none. */
  get inode(): number | null {
    return this.#known?.inode ?? null;
  }

  /** Makes sure that there is a clone, if only an empty one. */
  prepare(): Promise<CloneFiles | { failure: GitFailure }> {
    this.#preparing ??= this.#prepare().finally(() => {
      this.#preparing = null;
    });
    return this.#preparing;
  }

  /** False where another process re-made the clone since `prepare`, or nothing is there. */
  async isSame(): Promise<boolean> {
    const found = await inspectCloneFiles(this.#dir);
    if (found?.inode === this.#known?.inode) return found !== null;
    await this.#adopt(found);
    return false;
  }

  /** Fetches everything anew, and puts that in the place of the old clone. */
  async remake(reason: string, change: CloneChange = {}): Promise<{ refs: RefEntry[] } | { failure: GitFailure }> {
    const made = nameBeside(this.#dir, 'new');
    try {
      const built = await this.#build(made, change);
      if ('refs' in built) await this.#replaceBy(made, reason);
      return built;
    } catch (error) {
      return { failure: cannotWrite(this.#dir, error) };
    } finally {
      await deleteClone(made);
    }
  }

  /**
   * Makes a new clone beside this one, which stays in use; `takeSuccessor` puts it in its place. Nobody waits for it, and a
   * process that dies in the middle leaves a folder that is swept.
   */
  async prepareSuccessor(): Promise<{ made: string } | { failure: GitFailure }> {
    const of = this.#known?.inode;
    const made = nameBeside(this.#dir, 'new');
    try {
      const built = of === undefined ? { failure: gone(this.#dir) } : await this.#build(made, {});
      if (of !== undefined && 'refs' in built) {
        this.#successor = { made, of };
        return { made };
      }
      await deleteClone(made);
      return 'failure' in built ? built : { failure: gone(this.#dir) };
    } catch (error) {
      await deleteClone(made);
      return { failure: cannotWrite(this.#dir, error) };
    }
  }

  /** Puts the prepared clone in the place of this one, while nobody fetches; not where somebody re-made this one meanwhile. */
  async takeSuccessor(): Promise<boolean> {
    const successor = this.#successor;
    if (successor === null) return false;
    this.#successor = null;
    try {
      if ((await inspectCloneFiles(this.#dir))?.inode === successor.of) {
        await this.#replaceBy(successor.made, 'it had grown');
        return true;
      }
    } catch {
      // The old one is still good, and the next renewal tries again.
    }
    await deleteClone(successor.made);
    return false;
  }

  /** Waits for what is being deleted, and leaves nothing that waits. */
  async close(): Promise<void> {
    const successor = this.#successor;
    this.#successor = null;
    if (successor !== null) await deleteClone(successor.made);
    await this.#deleting;
  }

  async #replaceBy(made: string, reason: string): Promise<void> {
    const old = await replaceClone(this.#dir, made);
    // Thousands of small files: whoever waits for a view does not wait for these.
    this.#deleting = this.#deleting.then(() => deleteClone(old));
    await this.#adopt(await inspectCloneFiles(this.#dir));
    this.#session.tell({ type: 'clone re-made', dir: this.#dir, reason });
  }

  async #build(made: string, change: CloneChange): Promise<{ refs: RefEntry[] } | { failure: GitFailure }> {
    const format = change.format ?? this.#known?.format ?? 'sha1';
    const filtered = change.filtered ?? (await isFiltered(this.#dir));
    const init = await initClone(this.#session, made, format, this.#branch);
    if (init.exitCode !== 0) return { failure: explainFailure(init).failure };
    if (!filtered) await markUnfiltered(made);
    const run = await fetchRefs(this.#session, made, this.#branch);
    const other = wantedFormat(run);
    if (other !== null && other !== format) {
      await deleteClone(made);
      return this.#build(made, { ...change, format: other });
    }
    if (run.exitCode !== 0) return { failure: explainFailure(run).failure };
    const reader = new ObjectReader(made, this.#session.env);
    const inspection = await inspectClone(this.#session, made, reader, this.#branch);
    await reader.close();
    if ('unread' in inspection) return { failure: explainFailure(inspection.unread).failure };
    if ('damaged' in inspection) return { failure: brokenRemote(inspection.damaged) };
    await noteMade(made, this.#now());
    return inspection;
  }

  async #prepare(): Promise<CloneFiles | { failure: GitFailure }> {
    const found = await inspectCloneFiles(this.#dir);
    if (found !== null) {
      if (found.inode !== this.#known?.inode) await this.#adopt(found);
      return found;
    }
    const made = nameBeside(this.#dir, 'new');
    try {
      await mkdir(dirname(this.#dir), { recursive: true, mode: 0o700 });
      await removeLeftovers(this.#dir, Date.now());
      const init = await initClone(this.#session, made, this.#known?.format ?? 'sha1', this.#branch);
      if (init.exitCode !== 0) return { failure: explainFailure(init).failure };
      await placeClone(this.#dir, made);
    } catch (error) {
      return { failure: cannotWrite(this.#dir, error) };
    } finally {
      await deleteClone(made);
    }
    const placed = await inspectCloneFiles(this.#dir);
    if (placed === null) return { failure: { kind: 'refused', message: `${this.#dir} is not a clone, and cannot be made one` } };
    await this.#adopt(placed);
    return placed;
  }

  async #adopt(files: CloneFiles | null): Promise<void> {
    this.#known = files;
    await this.#onChange();
  }
}

function gone(dir: string): GitFailure {
  return { kind: 'transient', message: `there is no clone in ${dir} yet` };
}

function brokenRemote(what: string): GitFailure {
  return { kind: 'refused', message: `a new clone of the queue is damaged too: ${what}; run git fsck in the repository` };
}

/** A full disk, too many open files: the remote has refused nobody, and may be asked again. */
function cannotWrite(dir: string, error: unknown): GitFailure {
  return {
    kind: 'transient',
    message: `cannot make the clone ${dir}: ${error instanceof Error ? error.message : String(error)}`,
  };
}
