import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { GitFailure, RefEntry } from '../port.ts';
import {
  type CloneFiles,
  inspectCloneFiles,
  isFiltered,
  markUnfiltered,
  nameBeside,
  placeClone,
  removeLeftovers,
  replaceClone,
} from './clone-files.ts';
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
  readonly #onChange: () => Promise<void>;
  #known: CloneFiles | null = null;
  #preparing: Promise<CloneFiles | { failure: GitFailure }> | null = null;

  constructor(session: GitSession, dir: string, branch: string, onChange: () => Promise<void>) {
    this.#session = session;
    this.#dir = dir;
    this.#branch = branch;
    this.#onChange = onChange;
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
    const format = change.format ?? this.#known?.format ?? 'sha1';
    const filtered = change.filtered ?? (await isFiltered(this.#dir));
    const made = nameBeside(this.#dir, 'new');
    try {
      const init = await initClone(this.#session, made, format, this.#branch);
      if (init.exitCode !== 0) return { failure: explainFailure(init).failure };
      if (!filtered) await markUnfiltered(made);
      const run = await fetchRefs(this.#session, made, this.#branch);
      const other = wantedFormat(run);
      if (other !== null && other !== format) return await this.remake(reason, { ...change, format: other });
      if (run.exitCode !== 0) return { failure: explainFailure(run).failure };
      const reader = new ObjectReader(made, this.#session.env);
      const inspection = await inspectClone(this.#session, made, reader, this.#branch);
      await reader.close();
      if ('damaged' in inspection) return { failure: brokenRemote(inspection.damaged) };
      await replaceClone(this.#dir, made);
      await this.#adopt(await inspectCloneFiles(this.#dir));
      this.#session.tell({ type: 'clone re-made', dir: this.#dir, reason });
      return inspection;
    } catch (error) {
      return { failure: cannotWrite(this.#dir, error) };
    } finally {
      await rm(made, { recursive: true, force: true }).catch(() => {});
    }
  }

  async #prepare(): Promise<CloneFiles | { failure: GitFailure }> {
    const found = await inspectCloneFiles(this.#dir);
    if (found !== null) {
      if (found.inode !== this.#known?.inode) await this.#adopt(found);
      return found;
    }
    const made = nameBeside(this.#dir, 'new');
    try {
      await mkdir(dirname(this.#dir), { recursive: true });
      await removeLeftovers(this.#dir, Date.now());
      const init = await initClone(this.#session, made, this.#known?.format ?? 'sha1', this.#branch);
      if (init.exitCode !== 0) return { failure: explainFailure(init).failure };
      await placeClone(this.#dir, made);
    } catch (error) {
      return { failure: cannotWrite(this.#dir, error) };
    } finally {
      await rm(made, { recursive: true, force: true }).catch(() => {});
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

function brokenRemote(what: string): GitFailure {
  return { kind: 'refused', message: `a new clone of the queue is damaged too: ${what}; run git fsck in the repository` };
}

function cannotWrite(dir: string, error: unknown): GitFailure {
  return { kind: 'refused', message: `cannot make the clone ${dir}: ${error instanceof Error ? error.message : String(error)}` };
}
