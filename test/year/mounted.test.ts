import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { mustRun, temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';

const PROCESS = fileURLToPath(new URL('./mounted-process.mjs', import.meta.url));
const FLAGS = ['--mount', '--propagation', 'private'];

const whyNot =
  spawnSync('unshare', [...FLAGS, 'sh', '-c', 'mount -t tmpfs tmpfs /mnt']).status === 0 ? null : 'nothing can be mounted here';

test.skipIf(whyNot !== null && process.env.CI !== 'true')(
  'what is mounted in a folder and what belongs to another user stays, counts as there, and is named with the reason',
  async () => {
    await using state = temporaryDirectory();
    await using elsewhere = temporaryDirectory();
    const said = await mustRun('unshare', [...FLAGS, process.execPath, PROCESS, state.path, elsewhere.path], {
      env: { PATH: process.env.PATH ?? '' },
    });
    expect(JSON.parse(said)).toEqual({
      went: [[['workspaces', 3, 1]], [['leftovers', 2, 0]]],
      stuck: [
        '/trash/X/node_modules belongs to another user (number 0), as what a container writes does; sudo rm -r /trash/X',
        'something is mounted at /trash/X/volume; unmount it',
      ],
      precious: true,
      mode: '750',
    });
  },
);
