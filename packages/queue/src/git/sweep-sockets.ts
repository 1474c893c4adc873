import { lstat, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { privateSocketFolder } from './ssh-command.ts';

const ANSWER_MS = 1_000;

/** One that was made just now may not answer yet. */
const YOUNG_MS = 60 * 60_000;

/** Deletes the sockets of shared ssh connections whose process was killed: nobody answers there. Never rejects. */
export async function sweepSockets(env: NodeJS.ProcessEnv): Promise<void> {
  const folder = await privateSocketFolder(env);
  if (folder === null) return;
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const info = await lstat(path).catch(() => null);
    if (info?.isSocket() !== true || Date.now() - info.mtimeMs < YOUNG_MS) continue;
    if (await isDead(path)) await rm(path, { force: true }).catch(() => {});
  }
}

/** True only where the system says that no process listens. */
function isDead(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const tell = (dead: boolean): void => {
      socket.destroy();
      resolve(dead);
    };
    socket.setTimeout(ANSWER_MS, () => tell(false));
    socket.once('connect', () => tell(false));
    socket.once('error', (error: NodeJS.ErrnoException) => tell(error.code === 'ECONNREFUSED'));
  });
}
