import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFolder } from '../remove-folder.ts';
import { isNameOf } from './branch-names.ts';
import { cacheName } from './clone-cache.ts';
import { commitWork } from './commit-work.ts';
import { deliverBranch } from './deliver-branch.ts';
import { Desk } from './desk.ts';
import { readCommit } from './fetch-base.ts';
import { findRemote } from './find-remote.ts';
import { deleteBranch } from './prune-worktrees.ts';
import { restoreAdmin, restoreRepository } from './restore-repository.ts';
import { takeLock } from './take-lock.ts';
import { forgetUndelivered, noteUndelivered } from './undelivered.ts';
import type { Committed, Delivered, KeptWorktree, Worktree, WorktreeRequest } from './worktree.ts';

export interface WorktreePlace {
  kept: KeptWorktree;
  /** `errand/<id>/<attempt>`; a worktree that was taken over was made with another branch. */
  first: string;
  request: Pick<WorktreeRequest, 'remote' | 'env' | 'identity' | 'signal'>;
  /** The state directory, without links. */
  root: string;
  /** `<state>/repos`. */
  repos: string;
}

/** One worktree; each operation is done from a desk of its own, so nothing that the agent left is obeyed. */
export class GitWorktree implements Worktree {
  readonly baseOid: string;
  readonly kept: KeptWorktree;
  readonly #place: WorktreePlace;
  /** What was committed; only that is delivered. */
  #tip: string | null = null;
  #branch: string;

  constructor(place: WorktreePlace) {
    this.#place = place;
    this.kept = place.kept;
    this.#branch = isNameOf(place.first, place.kept.branch) ? place.kept.branch : place.first;
    this.baseOid = place.kept.baseOid;
  }

  get branch(): string {
    return this.#branch;
  }

  async commit(message: { subject: string; id: string; attempt: number }): Promise<Committed> {
    try {
      return await this.#atDesk(async (desk) => {
        const head = await this.#readHead(desk);
        const { commits, tip } = await commitWork(desk, this.#place, head, message);
        this.#tip = tip;
        return { ok: true, commits };
      }, this.#place.request.signal);
    } catch (error) {
      return { ok: false, message: `cannot commit what was made in ${this.kept.cwd}: ${(error as Error).message}` };
    }
  }

  async deliver(): Promise<Delivered> {
    const tip = this.#tip;
    if (tip === null) throw new Error(`deliver() was called before commit() had committed anything in ${this.kept.cwd}`);
    const { request, root, first } = this.#place;
    const { cache, admin } = this.kept;
    await noteUndelivered(admin);
    try {
      return await this.#atDesk(async (desk) => {
        // Looked at again, since the attempt could have changed what lies on this disk.
        const remote = await findRemote(desk, request.remote, root);
        if (!remote.ok) {
          const cause = desk.ended || remote.cause === 'unavailable' ? 'unavailable' : 'refused';
          return { ok: false, cause, message: `${this.#branch} was not delivered: ${remote.message}` };
        }
        const { branch, delivered } = await deliverBranch(desk, { remote, cache, tip, first, branch: this.#branch });
        this.#branch = branch;
        if (delivered.ok) await forgetUndelivered(admin);
        return delivered;
      }, request.signal);
    } catch (error) {
      return { ok: false, cause: 'unavailable', message: `cannot deliver ${this.#branch}: ${(error as Error).message}` };
    }
  }

  async discard(): Promise<void> {
    const { cwd, admin, cache, branch } = this.kept;
    try {
      await removeFolder(cwd);
      await rm(admin, { recursive: true, force: true });
      await this.#atDesk(async (desk) => {
        await restoreRepository(desk, cache);
        await deleteBranch(desk, cache, branch);
        await this.#tidy(desk);
      });
    } catch {
      // What resists goes with the sweep of workspaces, and on the next use of the clone.
    }
  }

  /** Where the agent has got to: its HEAD, whatever that is; else its branch; else where it began. */
  async #readHead(desk: Desk): Promise<string> {
    const { cache, admin, branch } = this.kept;
    await restoreRepository(desk, cache);
    await restoreAdmin(this.kept);
    return (await readCommit(desk, admin, 'HEAD')) ?? (await readCommit(desk, cache, `refs/heads/${branch}`)) ?? this.baseOid;
  }

  /** Packs what has gathered in the clone, if that is much and nobody else uses it now. */
  async #tidy(desk: Desk): Promise<void> {
    const path = join(this.#place.repos, `${cacheName(this.#place.request.remote)}.lock`);
    const taken = await takeLock(path, { waitMs: 0, what: 'tidying', signal: undefined });
    if (!('lock' in taken)) return;
    try {
      const settings = ['gc.auto=6700', 'gc.autoDetach=false'];
      await desk.local({ gitDir: this.kept.cache }, ['gc', '--auto', '--quiet'], undefined, settings);
    } finally {
      await taken.lock.release();
    }
  }

  #atDesk<T>(work: (desk: Desk) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { repos, request } = this.#place;
    return Desk.use(repos, request.env, this.baseOid.length === 64 ? 'sha256' : 'sha1', work, signal);
  }
}
