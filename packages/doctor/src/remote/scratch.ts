import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainFailure, type GitFailure, type GitRun, GitSession, isSshRemote, parsePushAnswer, REMOTE } from '@errand/queue';
import type { RemoteRef, Tried } from './facts.ts';

/** A new value of a ref, and what must be there; null: nothing. */
export interface Update {
  ref: string;
  to: string | null;
  expect: string | null;
}

/** A commit, and its tree. */
export interface Tip {
  commit: string;
  tree: string;
}

const TIMEOUTS = { fetchMs: 20_000, pushMs: 20_000, localMs: 20_000 };
const IDENTITY = 'errand doctor <doctor@errand.invalid>';

/**
 * A small repository of the doctor's own, to push from: the private clone is left alone, also where it is damaged.
 * Git runs in it as it runs for a worker.
 */
export class Scratch {
  readonly dir: string;
  readonly #folder: string;
  readonly #remote: string;
  readonly #env: NodeJS.ProcessEnv;
  #session: GitSession;

  private constructor(folder: string, remote: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.dir = join(folder, 'scratch.git');
    this.#remote = remote;
    this.#env = env;
    this.#session = this.#open(env);
  }

  static async make(remote: string, env: NodeJS.ProcessEnv): Promise<Scratch> {
    return new Scratch(await mkdtemp(join(tmpdir(), 'errand-doctor-')), remote, env);
  }

  /** Makes the repository, for objects with names of that many digits; null, or why it cannot be made. */
  async init(digits: number): Promise<GitFailure | null> {
    await rm(this.dir, { recursive: true, force: true });
    const format = `--object-format=${digits === 64 ? 'sha256' : 'sha1'}`;
    const run = await this.#session.local(null, ['init', '--quiet', '--bare', '--template=', format, this.dir]);
    return run.exitCode === 0 ? null : explainFailure(run).failure;
  }

  /** A commit of the empty tree, or one that changes nothing on a tip; it is in this repository alone. */
  async commit(message: string, at: number, on: Tip | null = null): Promise<string> {
    const tree = on?.tree ?? (await this.#mustGive(['mktree'], ''));
    const time = `${IDENTITY} ${Math.floor(at / 1000)} +0000`;
    const parent = on === null ? '' : `parent ${on.commit}\n`;
    // Not `commit-tree`: the tree of the branch's tip need not be here.
    const text = `tree ${tree}\n${parent}author ${time}\ncommitter ${time}\n\n${message}\n`;
    return this.#mustGive(['hash-object', '-t', 'commit', '-w', '--stdin'], text);
  }

  /** The commit that a ref of this repository points to, and its tree, which need not be here. */
  async readTip(ref: string): Promise<Tip | null> {
    const run = await this.#session.local(this.dir, ['for-each-ref', '--format=%(objectname) %(tree)', ref]);
    const [, commit, tree] = /^([0-9a-f]{40,}) ([0-9a-f]{40,})$/m.exec(run.stdout) ?? [];
    return commit === undefined || tree === undefined ? null : { commit, tree };
  }

  async has(oid: string): Promise<boolean> {
    return (await this.#session.local(this.dir, ['cat-file', '-e', oid])).exitCode === 0;
  }

  /** The refs of the remote that match, all without patterns, and how long it took to hear of them. */
  async list(
    patterns: readonly string[] = [],
  ): Promise<{ ok: true; refs: RemoteRef[]; head: string | null; tookMs: number } | { ok: false; cause: GitFailure }> {
    const run = await this.#session.fetch(this.dir, ['ls-remote', '--symref', REMOTE, ...patterns]);
    if (run.exitCode !== 0) return { ok: false, cause: explainFailure(run).failure };
    const lines = run.stdout.split('\n');
    const head = lines.flatMap((line) => /^ref: (\S+)\tHEAD$/.exec(line)?.[1] ?? [])[0] ?? null;
    const refs = lines.flatMap((line) => {
      const row = /^([0-9a-f]+)\t(\S+)$/.exec(line);
      return row === null ? [] : [{ oid: row[1] as string, name: row[2] as string }];
    });
    return { ok: true, refs, head, tookMs: run.durationMs };
  }

  fetch(args: readonly string[], refspec: string): Promise<GitRun> {
    return this.#session.fetch(this.dir, ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', ...args, REMOTE, refspec]);
  }

  /** Asks for one object by its name alone, as a worker does for a file that was left out. */
  fetchObject(oid: string): Promise<GitRun> {
    const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--filter=blob:none', '--stdin', REMOTE];
    const config = ['fetch.negotiationAlgorithm=noop'];
    return this.#session.fetch(this.dir, args, { config, input: `${oid}\n` });
  }

  /** Sends updates in one push, each under its lease, and tells what became of each. `hooks` is a folder of hooks to run here. */
  async push(
    updates: readonly Update[],
    { atomic = false, hooks }: { atomic?: boolean; hooks?: string } = {},
  ): Promise<Map<string, Tried>> {
    const run = await this.#session.push(this.dir, [
      ...(hooks === undefined ? [] : ['-c', `core.hooksPath=${hooks}`]),
      'push',
      '--porcelain',
      ...(hooks === undefined ? ['--no-verify'] : []),
      '--no-thin',
      ...(atomic ? ['--atomic'] : []),
      ...updates.map(({ ref, expect }) => `--force-with-lease=${ref}:${expect ?? ''}`),
      REMOTE,
      ...updates.map(({ ref, to }) => `${to ?? ''}:${ref}`),
    ]);
    const said = explainFailure(run).failure.message;
    const answer = run.exitCode === null ? null : parsePushAnswer(run.stdout);
    return new Map(
      updates.map(({ ref }): [string, Tried] => {
        const pushed = answer?.get(ref);
        if (pushed === undefined || pushed.state === 'unknown') return [ref, { state: 'unknown', said }];
        if (pushed.state === 'accepted') return [ref, pushed];
        return [ref, { state: 'refused', reason: pushed.reason, said, outrun: pushed.state === 'rejected' }];
      }),
    );
  }

  /**
   * A folder with a hook that makes another push while one is on its way: git runs it between asking what the remote has and
   * sending. `happened` tells whether that push was accepted.
   */
  async overtaker(updates: readonly { ref: string; to: string }[]): Promise<{ hooks: string; happened(): boolean }> {
    const hooks = await mkdtemp(join(this.#folder, 'hooks-'));
    const mark = join(hooks, 'happened');
    // Nothing of the queue's is in this line: names and oids are the doctor's own.
    const refs = updates.map(({ ref, to }) => `'${to}:${ref}'`).join(' ');
    const push = `git -c core.hooksPath=/dev/null push --quiet --no-verify --force ${REMOTE} ${refs}`;
    await writeFile(
      join(hooks, 'pre-push'),
      `#!/bin/sh\n${push} </dev/null >/dev/null 2>&1 && : > "\${0%/*}/happened"\nexit 0\n`,
    );
    await chmod(join(hooks, 'pre-push'), 0o700);
    return { hooks, happened: () => existsSync(mark) };
  }

  /** The same place with a connection of its own for every command. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const shared = this.#session;
    const configured = await shared.local(null, ['config', '--get', 'core.sshCommand']);
    const command = this.#env.GIT_SSH_COMMAND || configured.stdout.trim() || this.#env.GIT_SSH || 'ssh';
    this.#session = this.#open({ ...this.#env, GIT_SSH_COMMAND: `${command} -o ControlMaster=no -o ControlPath=none` });
    try {
      return await work();
    } finally {
      await this.#session.close();
      this.#session = shared;
    }
  }

  get keepsConnections(): boolean {
    return isSshRemote(this.#remote);
  }

  /** Ends what runs, and begins anew: for who was told to stop, and has to clean up. */
  async restart(): Promise<void> {
    await this.#session.close();
    this.#session = this.#open(this.#env);
  }

  /** Ends what runs. */
  stop(): Promise<void> {
    return this.#session.close();
  }

  async discard(): Promise<void> {
    await this.#session.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #open(env: NodeJS.ProcessEnv): GitSession {
    return new GitSession({ remote: this.#remote, env, timeouts: TIMEOUTS, onEvent: () => {} });
  }

  /** An object's name, and nothing else: an empty one in a push would be a deletion. */
  async #mustGive(args: readonly string[], input: string): Promise<string> {
    const run = await this.#session.local(this.dir, args, input);
    const oid = run.stdout.trim();
    if (run.exitCode !== 0 || !/^[0-9a-f]{40,64}$/.test(oid)) throw new ScratchError(explainFailure(run).failure.message);
    return oid;
  }
}

/** The doctor's own repository cannot be written. */
export class ScratchError extends Error {
  constructor(cause: string) {
    super(`cannot write the doctor's own repository: ${cause}`);
  }
}
