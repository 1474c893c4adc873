import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BareRepository, hermeticEnv } from '@errand/testing';

const SCRIPT = fileURLToPath(new URL('../../scripts/errand', import.meta.url));

/** Where a stage's queue is, if not in its own folder. */
export interface Elsewhere {
  queue: string;
  /** Whoever talks to it needs this environment; each stage's connections are its own. */
  env: Record<string, string>;
  /** Lines for the machine's file. */
  config: readonly string[];
}

/** One folder with everything that a benchmark touches: a HOME, a queue and a machine that is connected to it. */
export class Stage implements Disposable {
  readonly folder: string;
  readonly env: Record<string, string>;
  readonly queue: string;
  readonly stateDir: string;
  readonly bell: string;
  readonly #entry: string;
  readonly #children = new Set<ChildProcess>();
  readonly #onExit = (): void => this.#clear();

  private constructor(entry: string, elsewhere: Elsewhere | null) {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'errand-bench-')));
    this.#entry = entry;
    this.queue = elsewhere?.queue ?? join(this.folder, 'queue.git');
    this.stateDir = join(this.folder, 'state');
    this.bell = join(this.folder, 'bell');
    const runtime = elsewhere === null ? {} : { XDG_RUNTIME_DIR: this.folder };
    this.env = { ...elsewhere?.env, ...hermeticEnv(this.folder), ...runtime, ERRAND_STATE_DIR: this.stateDir };
    // Also where somebody ends the benchmark with Ctrl-C.
    process.once('exit', this.#onExit);
  }

  /**
   * Makes a queue with `errand init`. `agent`: the shell script that every task comes to; `$BELL` names a path in it. `config`:
   * further lines of the machine's file.
   */
  static async set(
    entry: string,
    agent = ':',
    elsewhere: Elsewhere | null = null,
    config: readonly string[] = [],
  ): Promise<Stage> {
    const stage = new Stage(entry, elsewhere);
    if (elsewhere === null) await stage.initQueue('queue.git');
    else await stage.errand('init', elsewhere.queue).ended;
    const folder = join(stage.folder, 'home', '.config', 'errand');
    stage.#describe('bench', folder, agent, [...(elsewhere?.config ?? []), ...config]);
    return stage;
  }

  /** Another empty queue in the same folder. */
  async initQueue(name: string): Promise<BareRepository> {
    const repository = await BareRepository.init(join(this.folder, name), this.env);
    await this.errand('init', repository.dir).ended;
    return repository;
  }

  /** Another machine of this queue, whose agent does nothing: the environment in which `errand` is that machine. */
  addMachine(name: string, config: readonly string[]): Record<string, string> {
    const folder = join(this.folder, name);
    return { ERRAND_CONFIG: this.#describe(name, folder, ':', config), ERRAND_STATE_DIR: join(folder, 'state') };
  }

  /** Writes a machine's file and gives its path. */
  #describe(machine: string, folder: string, agent: string, config: readonly string[]): string {
    mkdirSync(folder, { recursive: true });
    const lines = [
      `queue: ${this.queue}`,
      `machine: ${machine}`,
      'policy: { agents: [command], permissions: bypass }',
      `agents: { command: { argv: [sh, -c, ${JSON.stringify(agent)}], env: { BELL: ${this.bell} } } }`,
      'default_agent: command',
      ...config,
      '',
    ];
    const path = join(folder, 'config.yaml');
    writeFileSync(path, lines.join('\n'));
    return path;
  }

  /** Starts errand. `ended` rejects unless it ends with status 0, and tells when it had ended, as `performance.now()` spells it. */
  errand(...args: string[]): Started {
    // A worker is started as people start it, with the flags that `scripts/errand` gives it; the shell becomes that process.
    if (args[0] === 'worker') return this.asTyped(...args);
    return this.start(process.execPath, [this.#entry, ...args]);
  }

  /** Starts errand as people do, through the shell script that looks for changed files first. */
  asTyped(...args: string[]): Started {
    return this.start(SCRIPT, args);
  }

  /** Starts `errand worker --json` on one of the added machines. */
  worker(machine: Record<string, string> = {}): Started {
    return this.start(SCRIPT, ['worker', '--json'], machine);
  }

  /** Files a task for this machine with `errand delegate`, and returns its id. */
  async delegate(text: string): Promise<string> {
    return (await this.errand('delegate', 'bench', text).ended).stdout.trim();
  }

  /** Starts a program and notes the time just before. */
  start(program: string, args: readonly string[], env: Record<string, string> = {}): Started {
    const startedAt = performance.now();
    const child = spawn(program, args, { cwd: this.folder, env: { ...this.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const ended = new Promise<Ended>((resolve, reject) => {
      let ms = 0;
      child.once('error', reject);
      child.once('exit', () => {
        ms = performance.now() - startedAt;
        this.#children.delete(child);
      });
      child.once('close', (code, signal) => {
        if (code === 0) resolve({ ms, stdout });
        else reject(new Error(`${[program, ...args].join(' ')} ended with ${signal ?? code}: ${stderr}`));
      });
    });
    return { child, startedAt, ended };
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#onExit);
    this.#clear();
  }

  #clear(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

export interface Started {
  child: ChildProcess;
  /** `performance.now()` before it was started. */
  startedAt: number;
  ended: Promise<Ended>;
}

export interface Ended {
  /** From before its start to its exit. */
  ms: number;
  stdout: string;
}
