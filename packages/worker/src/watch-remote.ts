import { FolderWatch, listRefFolders } from '@errand/queue';

/** Wakes the worker when a remote on this machine's disk changes; null where the remote is elsewhere. Only a hint: polling goes on. */
export function watchLocalRemote(remote: string, branch: string, wake: () => void): { close(): void } | null {
  const folders = listRefFolders(remote, branch);
  if (folders.length === 0) return null;
  const watch = new FolderWatch(folders, () => {
    // The folder of a kind of refs comes with the first of them, and goes with the last.
    watch.arm();
    wake();
  });
  return watch;
}
