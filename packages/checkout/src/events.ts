import type { Problem } from '@errand/task';
import type { RemovalDoubt } from './plan/judge-removals.ts';
import type { Change, Engagement } from './survey/survey.ts';

/** A result that a pull has brought. */
export interface PulledResult {
  id: string;
  path: string;
  /** Null where the file does not say. */
  state: 'done' | 'failed' | 'cancelled' | null;
}

/** Something that has happened. */
export type Happening =
  /** `address` is where pushes go, as the person's settings have it: a URL in it may hold a password. */
  | { type: 'started'; dir: string; branch: string; upstream: string; address: string }
  | {
      type: 'committed';
      commit: string;
      added: readonly string[];
      edited: readonly string[];
      cancelled: readonly string[];
      tidied: readonly string[];
    }
  /** The remote has these tasks' commits; of those in `removed` the last one removes the file. */
  | { type: 'sent'; ids: readonly string[]; removed: readonly string[] }
  | { type: 'pulled'; from: string; to: string; results: readonly PulledResult[]; tasks: readonly string[] }
  | { type: 'remote-back' }
  /** What the person was in the middle of is over. */
  | { type: 'going-on' }
  /** Tasks that are committed and that the remote does not have yet, and what has to be settled first, if anything. */
  | { type: 'stopped'; unsent: readonly string[]; heldBy: Remark['type'] | null };

/** Something that holds for a while: told once when it begins. */
export type Remark =
  | { type: 'invalid'; path: string; problems: readonly Problem[] }
  | { type: 'ignored'; path: string }
  /** It is filed, and the keys that it begins with are taken for text. */
  | { type: 'front-matter-forgotten'; path: string }
  | { type: 'id-finished'; path: string; id: string; result: string }
  | { type: 'staged-otherwise'; path: string }
  | { type: 'changed-there'; path: string; kind: Change['kind'] }
  /** `open`: those that have no result. */
  | { type: 'removals-held'; doubt: RemovalDoubt; ids: readonly string[]; open: readonly string[] }
  | { type: 'engaged'; engagement: Engagement }
  /** The remote's branch was moved back behind commits that are still here; `newest` is the last of them. */
  | { type: 'taken-back'; newest: string; subjects: readonly string[]; waiting: readonly string[]; behind: number }
  | { type: 'own-commits'; subjects: readonly string[]; waiting: readonly string[]; behind: number }
  | { type: 'conflict'; paths: readonly string[] }
  | { type: 'pull-blocked'; paths: readonly string[]; text: string }
  | { type: 'commit-refused'; ids: readonly string[]; text: string }
  /** `base` is the last commit that the remote has. */
  | { type: 'push-refused'; ids: readonly string[]; text: string; base: string }
  /** Left behind by a single pass. */
  | { type: 'still-written'; paths: readonly string[] }
  | { type: 'remote-away'; cause: string }
  | { type: 'no-folder-watch'; text: string };

/** Everything that a watcher tells. */
export type WatchEvent = Happening | Remark;
