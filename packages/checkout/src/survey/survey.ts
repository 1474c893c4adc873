import type { Problem } from '@errand/task';

/** What a person may be in the middle of; while they are, nothing of theirs is touched. */
export type Engagement =
  /** Some git command holds the index; `path` is its lock, `sinceWallMs` when that appeared. */
  | { what: 'index-locked'; path: string; sinceWallMs: number }
  /** `commit`: its message is open in an editor. */
  | { what: 'commit' | 'rebase' | 'merge' | 'cherry-pick' | 'revert' | 'bisect' | 'patches' | 'conflicts' }
  | { what: 'detached' }
  | { what: 'other-branch'; branch: string }
  /** The folder, or its repository, cannot be read: a disk that is not mounted. */
  | { what: 'unreadable'; text: string };

/** A task file that differs from the last commit. */
export interface Change {
  path: string;
  /** The name of the task; a valid id unless `problems` says otherwise. */
  id: string;
  /** `tidied`: removed after its task had finished, which cancels nothing. */
  kind: 'added' | 'edited' | 'removed' | 'tidied';
  /** Whether git tracks the path: what it does not track must be made known to it before it is committed. */
  tracked: boolean;
  /** Whether the index holds yet another content, which a commit of the file would lose. */
  stagedOtherwise: boolean;
  /** Changes whenever the file does. */
  fingerprint: string;
  problems: readonly Problem[];
  /** It begins with keys that nobody reads, since no `---` is before them. */
  forgotFrontMatter: boolean;
}

/** A commit that the remote does not have. */
export interface AheadCommit {
  oid: string;
  subject: string;
  /** Made by a watcher and by nobody changed since, or a merge with nothing of its own. */
  byWatcher: boolean;
  /** The remote's branch once had it, and somebody has taken it off. */
  takenBack: boolean;
  /** Ids of tasks whose files it changes. */
  ids: readonly string[];
  /** Those of them whose files it removes. */
  removed: readonly string[];
}

/** What one look at a checkout showed. Its parts are read one after the other: whoever acts on it lets git check again. */
export type Survey =
  | { state: 'engaged'; engagement: Engagement }
  | {
      state: 'free';
      head: string;
      /** What the remote had at the last fetch; null where that is not known. */
      upstream: string | null;
      /** Newest first; a commit before those that it is built on. */
      ahead: readonly AheadCommit[];
      /** How many commits the remote has that this branch lacks. */
      behind: number;
      changes: readonly Change[];
      /** Task files that the person's own ignore rules keep out of git. */
      ignored: readonly string[];
      folder: TasksFolder;
      /** Ids of tasks among the changes that have a result, and where. */
      finished: ReadonlyMap<string, string>;
      /** Task files that the remote has changed since this branch left it. */
      changedThere: ReadonlySet<string>;
    };

/** What tells a person who deletes a task from a folder that has gone away. */
export interface TasksFolder {
  /** Whether `tasks/` is there, and a folder. */
  isThere: boolean;
  /** Task files in the last commit. */
  committed: number;
  /** Files of `tasks/` that are no tasks, and are missing: nobody deletes a `.gitkeep` to cancel something. */
  othersMissing: readonly string[];
}
