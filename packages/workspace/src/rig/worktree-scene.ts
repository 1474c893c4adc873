import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hermeticEnv, httpRemote, mortalGit, mustRun, Person, pathRemote, runCommand, type TestRemote } from '@errand/testing';
import { onTestFinished } from 'vitest';
import { prepareWorktree } from '../worktree/prepare-worktree.ts';
import type { PreparedWorktree, WorktreeRequest } from '../worktree/worktree.ts';
import { makeFolder } from './test-rig.ts';

export type Ready = Extract<PreparedWorktree, { ok: true }>;

/** A remote with a first commit, a person who works on it, and a worker's state directory and HOME. */
export class Scene {
  readonly remote: TestRemote;
  readonly person: Person;
  readonly stateDir: string;
  /** The worker's own environment, with its HOME. */
  readonly env: Record<string, string>;
  #count = 0;
  #interrupts = 0;

  private constructor(remote: TestRemote, person: Person, stateDir: string, env: Record<string, string>) {
    this.remote = remote;
    this.person = person;
    this.stateDir = stateDir;
    this.env = env;
  }

  static async open(
    kind: 'path' | 'http' = 'path',
    files: { [path: string]: string } = { 'README.md': 'hello\n' },
  ): Promise<Scene> {
    const remote = await (kind === 'path' ? pathRemote() : httpRemote());
    onTestFinished(() => remote[Symbol.asyncDispose]());
    const person = await Person.clone(remote, await makeFolder());
    const folder = await makeFolder();
    const scene = new Scene(remote, person, join(folder, 'state'), { ...remote.env, ...hermeticEnv(folder) });
    await scene.publish(files);
    return scene;
  }

  /** Pushes a commit with these files to main; gives its oid. */
  async publish(files: { [path: string]: string }): Promise<string> {
    for (const [path, text] of Object.entries(files)) await this.person.write(path, text);
    const oid = await this.person.commit();
    await this.person.push();
    return oid;
  }

  try(request: Partial<WorktreeRequest> = {}): Promise<PreparedWorktree> {
    this.#count += 1;
    const nonce = `n${this.#count}`;
    const identity = { name: 'Errand', email: 'errand@localhost' };
    const { stateDir, env } = this;
    return prepareWorktree({
      ...{ stateDir, id: 'fix-it', attempt: 1, nonce, remote: this.remote.url, base: null, env, identity },
      ...request,
    });
  }

  async prepare(request: Partial<WorktreeRequest> = {}): Promise<Ready> {
    const prepared = await this.try(request);
    if (!prepared.ok) throw new Error(`${prepared.cause}: ${prepared.message}`);
    return prepared;
  }

  /** The next runs of this git command by the worker, also in worktrees that it has prepared, end so: killed, if nothing is said. */
  interrupt(
    command: string,
    { times = 1, end = 'kill -9 $$' }: { times?: number; end?: string } = {},
  ): {
    left: () => Promise<number>;
  } {
    this.#interrupts += 1;
    const folder = join(dirname(this.stateDir), `lives-${this.#interrupts}`);
    Object.assign(this.env, mortalGit(this.env, { folder, command, times, end }));
    return { left: async () => (await readdir(folder)).filter((name) => name !== 'git').length };
  }

  /** The clones of repositories on this machine. */
  async clones(): Promise<string[]> {
    const names = await readdir(join(this.stateDir, 'repos'));
    return names.filter((name) => name.endsWith('.git')).map((name) => join(this.stateDir, 'repos', name));
  }

  /** What a branch of the remote holds, one line for each file. */
  async delivered(branch = 'errand/fix-it/1'): Promise<string[]> {
    const text = await this.remote.repository.git('-c', 'core.quotePath=false', 'ls-tree', '-r', '--name-only', branch);
    return text.trimEnd().split('\n');
  }
}

/** Runs git as the agent does: in the worktree, with the attempt's environment. */
export function agentGit({ workspace, env }: Ready, ...args: string[]): Promise<string> {
  return mustRun('git', args, { cwd: workspace.cwd, env: agentEnv({ workspace, env }) });
}

export function tryAgentGit({ workspace, env }: Ready, ...args: string[]): Promise<{ exitCode: number | null; stderr: string }> {
  return runCommand('git', args, { cwd: workspace.cwd, env: agentEnv({ workspace, env }) });
}

function agentEnv({ workspace, env }: Pick<Ready, 'workspace' | 'env'>): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: workspace.home, GIT_CONFIG_NOSYSTEM: '1', ...env };
}

export async function write(ready: Ready, path: string, text = path): Promise<void> {
  const file = join(ready.workspace.cwd, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** A program that leaves a mark when it is run; `ran` tells. */
export async function plantProgram(): Promise<{ path: string; ran: () => Promise<boolean> }> {
  const folder = await makeFolder();
  const path = join(folder, 'program');
  await writeFile(path, `#!/bin/sh\necho ran >> '${join(folder, 'mark')}'\ncat\n`);
  await chmod(path, 0o755);
  return {
    path,
    ran: () =>
      readFile(join(folder, 'mark')).then(
        () => true,
        () => false,
      ),
  };
}

export function commit(ready: Ready): ReturnType<Ready['worktree']['commit']> {
  return ready.worktree.commit({ subject: 'done: fix it', id: 'fix-it', attempt: 1 });
}
