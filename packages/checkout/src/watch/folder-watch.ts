import { basename, dirname, join } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import type { Checkout } from '../open-checkout.ts';

/** Files of the git directory that change when a person begins or ends something. */
const GIT_FILES = new Set([
  'HEAD',
  'index',
  'index.lock',
  'MERGE_HEAD',
  'CHERRY_PICK_HEAD',
  'REVERT_HEAD',
  'BISECT_LOG',
  'rebase-merge',
  'rebase-apply',
]);

export interface FolderWatch {
  /** Settles when everything is being watched. */
  ready: Promise<void>;
  close(): Promise<void>;
}

/** Tells that something has changed in `tasks/` or in git's own state. Only a hint: who is told looks for themselves. */
export function watchFolders(
  { dir, gitDir }: Pick<Checkout, 'dir' | 'gitDir'>,
  listener: { changed(): void; failed(text: string): void },
): FolderWatch {
  const tasks = join(dir, 'tasks');
  // From the root, so that a folder that goes away and comes back is seen; but nothing else of the checkout is watched.
  const watches = (path: string): boolean =>
    path === dir ||
    path === tasks ||
    (dirname(path) === tasks && !basename(path).startsWith('.')) ||
    path === gitDir ||
    (dirname(path) === gitDir && GIT_FILES.has(basename(path)));
  const watcher: FSWatcher = watch([dir, gitDir], {
    ignored: (path) => !watches(path),
    ignoreInitial: true,
    followSymlinks: false,
    depth: 1,
    atomic: false,
  });
  watcher.on('all', () => listener.changed());
  watcher.on('error', (error) => listener.failed(error instanceof Error ? error.message : String(error)));
  return {
    ready: new Promise((resolve) => watcher.once('ready', () => resolve())),
    close: () => watcher.close(),
  };
}
