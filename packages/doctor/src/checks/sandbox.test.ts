import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '@errand/testing';
import { findProgram } from '@errand/workspace';
import { describe, expect, test } from 'vitest';
import { Machine } from '../rig/machine.ts';
import { tryBubblewrap } from '../try-sandbox.ts';
import { judgeSandbox, sandbox } from './sandbox.ts';

const works = { state: 'works' } as const;
const absent = { state: 'absent' } as const;
const broken = { state: 'broken', why: 'Operation not permitted' } as const;

describe('of each sandbox it is said', () => {
  test.each([
    ['that it works', works, 'bubblewrap works, podman is not installed', []],
    ['that it is not installed', absent, 'bubblewrap is not installed, podman is not installed', []],
    [
      'that it is installed and does not work, and why',
      broken,
      'bubblewrap does not work, podman is not installed',
      [{ state: 'note', what: 'bubblewrap is installed, and does not work for this user', why: 'Operation not permitted' }],
    ],
  ] as const)('%s', (_, bubblewrap, says, notes) => {
    expect(judgeSandbox({ bubblewrap, podman: absent })).toMatchObject([
      { state: 'ok', what: `attempts run as your user, without a sandbox; ${says}` },
      ...notes,
    ]);
  });
});

/** A machine whose PATH is one folder with these programs. */
async function machineWith(programs: Record<string, string>): Promise<Machine> {
  const machine = new Machine();
  const bin = join(machine.folder.path, 'bin');
  await mkdir(bin);
  for (const [name, script] of Object.entries(programs))
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  machine.env.PATH = bin;
  await machine.configure('queue: /q', 'policy: { agents: [command] }', 'agents: { command: { argv: [sh, -s] } }');
  return machine;
}

/** Runs what stands last on its command line, as a sandbox would. */
const RUNS_IT = 'for last; do :; done\nPATH=/usr/bin:/bin exec "$last"';

describe.skipIf(process.platform !== 'linux')('a sandbox counts by what it runs:', () => {
  test('one that runs a program works', async () => {
    await using machine = await machineWith({ bwrap: RUNS_IT, podman: RUNS_IT });
    expect(await machine.see({}, sandbox)).toMatchObject([
      { state: 'ok', what: expect.stringContaining('bubblewrap works, podman works') },
    ]);
  });

  test('one that can only tell its version does not, and says why itself', async () => {
    const version = 'case "$*" in --version) exit 0 ;; esac';
    await using machine = await machineWith({
      bwrap: `${version}; echo 'bwrap: No permissions to create new namespace' >&2; exit 1`,
      podman: `${version}; echo 'cannot clone: Operation not permitted' >&2; exit 125`,
    });
    expect(await machine.see({}, sandbox)).toMatchObject([
      { state: 'ok', what: expect.stringContaining('bubblewrap does not work, podman does not work') },
      { state: 'note', why: 'bwrap: No permissions to create new namespace' },
      { state: 'note', why: 'cannot clone: Operation not permitted' },
    ]);
  });

  test('one that is not there is called that', async () => {
    await using machine = await machineWith({});
    expect(await machine.see({}, sandbox)).toMatchObject([
      { state: 'ok', what: expect.stringContaining('bubblewrap is not installed, podman is not installed') },
    ]);
  });

  const isMissing = !findProgram('bwrap', process.env.PATH ?? '', '/').ok;
  test.skipIf(isMissing && process.env.CI !== 'true')(
    `the real bubblewrap is taken for what it is${isMissing ? ' (bwrap is missing)' : ''}`,
    async () => {
      const env = { PATH: process.env.PATH ?? '' };
      // Whether the machine lets it, only the machine knows.
      const alone = await runCommand('bwrap', ['--ro-bind', '/', '/', '--unshare-all', 'sh', '-c', 'echo inside'], { env });
      const trial = await tryBubblewrap({ env, signal: new AbortController().signal });
      if (alone.stdout === 'inside\n') expect(trial).toEqual({ state: 'works' });
      else expect(trial).toEqual({ state: 'broken', why: expect.stringContaining('bwrap') });
    },
  );
});
