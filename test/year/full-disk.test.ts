import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun, pathRemote, temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';

const PROCESS = fileURLToPath(new URL('./full-disk-process.mjs', import.meta.url));
/** The disk is nobody else's, and gone with the process. */
const MOUNT = 'mount -t tmpfs -o size=4m tmpfs "$1" && exec "$2" "$3" "$4" "$1"';
const FLAGS = ['--mount', '--propagation', 'private'];

const whyNot =
  spawnSync('unshare', [...FLAGS, 'sh', '-c', 'mount -t tmpfs tmpfs /mnt']).status === 0 ? null : 'no disk can be mounted here';

test.skipIf(whyNot !== null && process.env.CI !== 'true')(
  'on a disk that is full to the last byte housekeeping makes room, the oldest first, but not from work that was not delivered, and the queue is read on',
  async () => {
    await using remote = await pathRemote();
    await using folder = temporaryDirectory();
    const { repository } = remote;
    const start =
      'commit refs/heads/main\ncommitter a <a@localhost> 1800000000 +0000\ndata 1\nx\nM 100644 inline tasks/a.md\ndata 1\nx\n';
    await repository.gitWith(start, 'fast-import', '--quiet');
    const disk = join(folder.path, 'disk');
    await mkdir(disk);
    const said = await mustRun('unshare', [...FLAGS, 'sh', '-c', MOUNT, 'sh', disk, process.execPath, PROCESS, remote.url], {
      env: remote.env,
    });
    expect(JSON.parse(said)).toMatchObject({
      first: true,
      before: ['done', 'not-due'],
      free: 0,
      renewal: 'failed',
      sweep: { kind: 'done', lost: [], lackingBytes: null, tooMuchBytes: null },
      left: ['old', 'undelivered'],
      second: true,
      renewed: 'renewed',
      third: true,
      beside: [],
    });
  },
);
