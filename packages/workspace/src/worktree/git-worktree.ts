import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { acquireLock } from '@errand/queue';
import { removeFolder } from '../directory.ts';
import { cacheName } from './clone-cache.ts';
import { commitWork } from './commit-work.ts';
import { deliverBranch } from './deliver-branch.ts';
import { Desk } from './desk.ts';
import { readCommit } from './fetch-base.ts';
import { deleteBranch } from './prune-worktrees.ts';
import { restoreAdmin, restoreRepository } from './restore-repository.ts';
import type { Committed, Delivered, KeptWorktree, Worktree, WorktreeRequest } from './worktree.ts';

export interface WorktreePlace {
  kept: KeptWorktree;
  /** What it is delivered as. A worktree that was taken over was made with another one. */
  branch: string;
  request: Pick<WorktreeRequest, 'remote' | 'env' | 'identity'>;
  /** `<state>/repos`. */
  repos: string;
}

/** One worktree; each operation is done from a desk of its own, so nothing that the agent left is obeyed. */
export class GitWorktree implements Worktree {
  readonly branch: string;
  readonly baseOid: string;
  readonly kept: KeptWorktree;
  readonly #place: WorktreePlace;
  /** What was committed; where nobody has yet, HEAD is what counts. */
  #tip: string | null = null;

  constructor(place: WorktreePlace) {
    this.#place = place;
    this.kept = place.kept;
    this.branch = place.branch;
    this.baseOid = place.kept.baseOid;
  }

  async commit(message: { subject: string; id: string; attempt: number }): Promise<Committed> {
    try {
      return await this.#atDesk(async (desk) => {
        const head = await this.#readHead(desk);
        const { commits, tip } = await commitWork(desk, this.#place, head, message);
        this.#tip = tip;
        return { ok: true, commits };
      });
    } catch (error) {
      return { ok: false, message: `cannot commit what was made in ${this.kept.cwd}: ${(error as Error).message}` };
    }
  }

  async deliver(): Promise<Delivered> {
    try {
      return await this.#atDesk(async (desk) => {
        const tip = this.#tip ?? (await this.#readHead(desk));
        return deliverBranch(desk, this.#place, tip);
      });
    } catch (error) {
      return { ok: false, cause: 'unavailable', message: `cannot deliver ${this.branch}: ${(error as Error).message}` };
    }
  }

  async discard(): Promise<void> {
    const { cwd, admin, cache, branch } = this.kept;
    try {
      await removeFolder(cwd);
      await rm(admin, { recursive: true, force: true });
      await this.#atDesk(async (desk) => {
        await restoreRepository(desk, cache);
        for (const name of new Set([branch, this.branch])) await deleteBranch(desk, cache, name);
        await this.#tidy(desk);
      });
    } catch {
      // What resists goes with the sweep of workspaces, and on the next use of the clone.
    }
  }

  /** Where the agent has got to: its HEAD, whatever that is; else the branches that we know of; else where it began. */
  async #readHead(desk: Desk): Promise<string> {
    const { cache, admin, branch } = this.kept;
    await restoreRepository(desk, cache);
    await restoreAdmin(this.kept);
    return (
      (await readCommit(desk, admin, 'HEAD')) ??
      (await readCommit(desk, cache, `refs/heads/${this.branch}`)) ??
      (await readCommit(desk, cache, `refs/heads/${branch}`)) ??
      this.baseOid
    );
  }

  /** Packs what has gathered in the clone, if that is much and nobody else uses it now. */
  async #tidy(desk: Desk): Promise<void> {
    const path = join(this.#place.repos, `${cacheName(this.#place.request.remote)}.lock`);
    const taken = await acquireLock(path, { waitMs: 0, what: 'tidying' });
    if ('failure' in taken) return;
    try {
      const settings = ['gc.auto=6700', 'gc.autoDetach=false'];
      await desk.local({ gitDir: this.kept.cache }, ['gc', '--auto', '--quiet'], undefined, settings);
    } finally {
      await taken.lock.release();
    }
  }

  #atDesk<T>(work: (desk: Desk) => Promise<T>): Promise<T> {
    return Desk.use(this.#place.repos, this.#place.request.env, this.baseOid.length === 64 ? 'sha256' : 'sha1', work);
  }
}
