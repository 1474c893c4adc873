import { readdir, rename, utimes } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { privateSocketFolder } from './ssh-command.ts';
import { sweepSockets } from './sweep-sockets.ts';

test('sockets at which nobody listens any more are deleted, those of living connections stay', async () => {
  await using runtime = temporaryDirectory();
  const env = { XDG_RUNTIME_DIR: runtime.path };
  const folder = (await privateSocketFolder(env)) ?? '';
  const listen = (name: string) =>
    new Promise<{ close(): Promise<void> }>((resolve) => {
      const server = createServer().listen(join(folder, name), () =>
        resolve({ close: () => new Promise((closed) => server.close(() => closed())) }),
      );
    });
  const living = await listen('living');
  // Node deletes the socket of a server that it closes: the file of a killed process is made by giving it another name.
  const dead = await listen('closed');
  await rename(join(folder, 'closed'), join(folder, 'dead'));
  await dead.close();
  const young = await listen('closed');
  await rename(join(folder, 'closed'), join(folder, 'young'));
  await young.close();
  for (const name of ['living', 'dead']) await utimes(join(folder, name), 1, 1);
  await sweepSockets(env);
  expect((await readdir(folder)).sort()).toEqual(['living', 'young']);
  await living.close();
});
