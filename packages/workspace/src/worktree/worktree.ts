import type { Workspace } from '../directory.ts';

export interface WorktreeRequest {
  /** Absolute path. */
  stateDir: string;
  id: string;
  attempt: number;
  /** Names this run; unique. */
  nonce: string;
  /** Git URL or absolute path, resolved already. */
  remote: string;
  /** Branch, tag or commit to start from; null is the remote's default branch. */
  base: string | null;
  /** Environment for git that talks to the repository: its credentials are the worker's, never the attempt's. */
  env: NodeJS.ProcessEnv;
  /** Whose name the commits bear. */
  identity: { name: string; email: string };
  /** The attempt was asked to end: what goes on, in preparing, committing or delivering, is given up. */
  signal?: AbortSignal;
  /** How long preparing may take; longer than that is `unavailable`. */
  timeoutMs?: number;
  /** The worktree of the attempt whose session goes on: taken over as it was left; a fresh one is made where it is gone. */
  takeOver?: KeptWorktree;
}

/** What it takes to go on in a worktree later: plain data, for files of the worker's own. */
export interface KeptWorktree {
  cwd: string;
  /** The repository on this disk that the worktree belongs to. */
  cache: string;
  /** The worktree's own folder in it. */
  admin: string;
  /** The branch it was made with. */
  branch: string;
  base: string | null;
  baseOid: string;
}

export type PreparedWorktree =
  | {
      ok: true;
      workspace: Workspace;
      worktree: Worktree;
      /** What the attempt's own git needs, to be added to the attempt's environment. */
      env: { [name: string]: string };
      /** True where the files are those that the attempt before left. */
      takenOver: boolean;
    }
  | {
      ok: false;
      /** `unavailable` passes by itself: a network, a server in trouble, another process that takes long. */
      cause: 'unavailable' | 'failed';
      message: string;
      hint: string;
    };

export type Committed = { ok: true; commits: string[] } | { ok: false; message: string };

export type Delivered = { ok: true } | { ok: false; cause: 'unavailable' | 'refused'; message: string };

/** A worktree of one attempt, after the agent has ended in it. Rejects only what is a mistake of the caller. */
export interface Worktree {
  /**
   * What it is delivered as: `errand/<id>/<attempt>`, with `-2`, `-3`, … behind it where that was taken. Final once `deliver`
   * has said `ok`.
   */
  readonly branch: string;
  readonly baseOid: string;
  readonly kept: KeptWorktree;
  /**
   * Commits what was made: commits of the agent's own stay, the rest becomes one commit with trailers. Gives the commits
   * since the base, oldest first, the newest 50 of many; none where nothing was made.
   */
  commit(message: { subject: string; id: string; attempt: number }): Promise<Committed>;
  /**
   * Pushes the very commit that the last `commit` came to, whatever was done in the worktree since, as a branch that did not
   * exist. Safe to repeat: an answer that was lost counts as delivered if the remote shows that commit. Rejects where
   * nothing was committed before.
   */
  deliver(): Promise<Delivered>;
  /** Deletes the folder and the local branch: after delivery, or where nothing was made. */
  discard(): Promise<void>;
}
