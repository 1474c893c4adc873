import { isAbsolute } from 'node:path';
import { explainFailure } from './git-failure.ts';
import { type GitRun, runGit } from './run-git.ts';
import { isSshRemote, privateSocketFolder, shareConnection } from './ssh-command.ts';

export interface CloneTimeouts {
  /** Wall time of a fetch, milliseconds (60 s). */
  fetchMs: number;
  /** Wall time of a push, milliseconds (60 s). */
  pushMs: number;
  /** Wall time of a command that does not leave this machine (30 s). */
  localMs: number;
}

/** What happens to a private clone, for logs. */
export type GitEvent =
  | { type: 'git ran'; command: string; durationMs: number; exitCode: number | null; message?: string }
  | { type: 'clone re-made'; dir: string; reason: string };

export interface GitSessionOptions {
  remote: string;
  env: NodeJS.ProcessEnv;
  timeouts: CloneTimeouts;
  onEvent: (event: GitEvent) => void;
}

/** The name under which the remote is known to a single command; settings of that name in a person's config are unlikely. */
export const REMOTE = 'errand-queue';

const PROMISOR = [`remote.${REMOTE}.promisor=true`, `remote.${REMOTE}.partialclonefilter=blob:none`];

/**
 * Runs git commands of one remote until it is closed. The remote is configured on the command line of each command alone:
 * a repository that says it has a promisor would fetch missing objects one by one, behind everybody's back.
 */
export class GitSession {
  readonly #options: GitSessionOptions;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #remoteEnv: Promise<NodeJS.ProcessEnv> | null = null;

  constructor(options: GitSessionOptions) {
    this.#options = options;
  }

  get timeouts(): CloneTimeouts {
    return this.#options.timeouts;
  }

  get env(): NodeJS.ProcessEnv {
    return this.#options.env;
  }

  /** A command within the clone (or, with a null folder, in none). */
  local(gitDir: string | null, args: readonly string[], input?: string): Promise<GitRun> {
    const given = input === undefined ? {} : { input };
    return this.#run({ gitDir, args, env: this.#options.env, timeoutMs: this.timeouts.localMs, ...given });
  }

  /** A `fetch` or `ls-remote` of the remote, which may say that objects are missing on purpose. */
  async fetch(gitDir: string, args: readonly string[], options: { config?: readonly string[]; input?: string } = {}) {
    const config = [...this.#remoteConfig(), ...PROMISOR, ...(options.config ?? [])];
    const env = await this.#environment();
    const input = options.input === undefined ? {} : { input: options.input };
    return this.#run({ gitDir, config, args, env, timeoutMs: this.timeouts.fetchMs, ...input });
  }

  /** A local command that must know that objects are missing on purpose. */
  tidy(gitDir: string, args: readonly string[]): Promise<GitRun> {
    return this.#run({ gitDir, config: PROMISOR, args, env: this.#options.env, timeoutMs: this.timeouts.localMs });
  }

  async push(gitDir: string, args: readonly string[]): Promise<GitRun> {
    const env = await this.#environment();
    return this.#run({ gitDir, config: this.#remoteConfig(), args, env, timeoutMs: this.timeouts.pushMs });
  }

  tell(event: GitEvent): void {
    this.#options.onEvent(event);
  }

  /** Ends whatever runs; later commands end at once. Safe twice. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#running);
  }

  async #run(command: Omit<Parameters<typeof runGit>[0], 'signal'>): Promise<GitRun> {
    const running = runGit({ ...command, signal: this.#closing.signal });
    this.#running.add(running);
    const run = await running;
    this.#running.delete(running);
    const failed = run.exitCode === 0 ? {} : { message: explainFailure(run).failure.message };
    const { durationMs, exitCode } = run;
    this.tell({ type: 'git ran', command: command.args[0] ?? '', durationMs, exitCode, ...failed });
    return run;
  }

  #remoteConfig(): string[] {
    return [`remote.${REMOTE}.url=${this.#options.remote}`, `remote.${REMOTE}.tagOpt=--no-tags`];
  }

  #environment(): Promise<NodeJS.ProcessEnv> {
    this.#remoteEnv ??= this.#findEnvironment();
    return this.#remoteEnv;
  }

  async #findEnvironment(): Promise<NodeJS.ProcessEnv> {
    const { env, remote } = this.#options;
    if (isAbsolute(remote) || !isSshRemote(remote) || (env.GIT_SSH_VARIANT ?? 'ssh') !== 'ssh') return env;
    const command = await this.#sshCommand();
    const shared = command === null ? null : shareConnection(command, remote, await privateSocketFolder(env));
    return shared === null ? env : { ...env, GIT_SSH_COMMAND: shared };
  }

  /** In git's own order: the variable, the setting, the program; null for a program that may not be OpenSSH. */
  async #sshCommand(): Promise<string | null> {
    const { GIT_SSH_COMMAND: command, GIT_SSH: program } = this.#options.env;
    if (command !== undefined && command !== '') return command;
    const configured = await this.local(null, ['config', '--get', 'core.sshCommand']);
    if (configured.exitCode === 0 && configured.stdout.trim() !== '') return configured.stdout.trim();
    return program === undefined || program === '' ? 'ssh' : null;
  }
}
