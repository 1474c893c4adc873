import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '@errand/workspace';
import { runProgram } from './run-program.ts';

/** What became of running a program in a sandbox; `why` in the sandbox's own words. */
export type SandboxTrial = { state: 'works' } | { state: 'broken'; why: string } | { state: 'absent' };

interface Place {
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/** Folders that a program of this machine is made of: with them an empty container runs one, and no image is needed. */
const OF_PROGRAMS = ['/bin', '/lib', '/lib64', '/usr', '/nix'];

export function tryBubblewrap(place: Place): Promise<SandboxTrial> {
  return tryIn('bwrap', ['--ro-bind', '/', '/', '--unshare-all', 'true'], place);
}

/** Fetches nothing. Without root, podman keeps a small process of its own from its first use on. */
export async function tryPodman(place: Place): Promise<SandboxTrial> {
  const root = await mkdtemp(join(tmpdir(), 'errand-podman-'));
  const volumes = OF_PROGRAMS.filter((path) => existsSync(path)).map((path) => `--volume=${path}:${path}:ro`);
  const run = ['run', '--rm', '--pull=never', '--network=none', '--security-opt=label=disable', ...volumes];
  try {
    // Its warnings would come before the reason.
    return await tryIn('podman', ['--log-level=error', ...run, '--rootfs', root, 'true'], place);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function tryIn(program: string, args: readonly string[], { env, signal }: Place): Promise<SandboxTrial> {
  const found = findProgram(program, env.PATH ?? '', '/');
  if (!found.ok) return { state: 'absent' };
  const ran = await runProgram(found.path, args, { env, signal });
  return ran.ok ? { state: 'works' } : { state: 'broken', why: ran.cause };
}
