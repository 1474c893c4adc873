import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { WorkerEvent } from '@errand/worker';
import type { ProcessIdentity } from './processes.ts';

export interface WorkerProcessOptions {
  remote: string;
  machine: string;
  /** State directory; kept by the caller, so that a restart finds it again. */
  stateDir: string;
  /** Environment that the process starts with: `hermeticEnv`. */
  env: NodeJS.ProcessEnv;
  once?: boolean;
  slots?: number;
  /** Variables that the agents get. */
  agentEnv?: { readonly [name: string]: string };
  /** Further agents of the machine, by name, as its file has them: `{ claude: { bin, env } }`. */
  agents?: { readonly [name: string]: object };
  permissions?: 'plan' | 'edits' | 'bypass';
  /** Verify lines that tasks may use there. */
  verify?: readonly string[];
  /** Lines of YAML for the machine's file, e.g. `lease: { heartbeat: 1s, ttl: 3s }`. */
  config?: string;
  /** SIGKILL at this point, `push-ended:claim` or, for the third time, `push-ended:claim#3`. */
  killAt?: string;
  /** Who is killed there: the worker itself (default), its git processes, or its agents. */
  kill?: 'worker' | 'git' | 'agent';
  /** Points are counted (and struck at) only once this one was reached. */
  countFrom?: string;
  /** A file that says by how many milliseconds the worker's clock is put forward; `PutForward` keeps one. */
  clockFile?: string;
  /** What it is started through, with arguments: a program that ends as `exec "$@"`. */
  launcher?: readonly [string, ...string[]];
  /** One push or fetch that goes wrong; `at` is the worker's last event before it, e.g. `push-started:claim#1`. */
  gitFault?: GitFault;
  /** Called with each event, once it is among `events`. */
  hear?: (event: WorkerEvent) => void;
}

/** `after`: git has done its work, and whoever is killed never learns of it. */
export interface GitFault {
  verb: 'push' | 'fetch';
  at: string;
  when: 'before' | 'after';
  kill: 'git' | 'worker';
  /** A path at which nothing is yet: a folder appears there when the fault strikes. */
  struck: string;
}

/** A process that a worker started. */
export interface Relative extends ProcessIdentity {
  is: 'git' | 'guard' | 'agent';
}

const RIG = dirname(fileURLToPath(import.meta.url));
/** As `bundleWorker` has made it, or from its own files. */
const WORKER = process.env.RIG_WORKER ?? join(RIG, 'worker-process.mjs');

/** A worker as a process of its own, running the built code. */
export class WorkerProcess {
  readonly machine: string;
  readonly events: WorkerEvent[] = [];
  /** Processes that it is known to have started: its guard, its agents, its git. */
  readonly family: Relative[] = [];
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #child: ChildProcess;
  readonly #waiters = new Set<() => void>();
  #errors = '';
  #over = false;
  #killed: number | null = null;
  readonly #tell: (event: WorkerEvent) => void;

  private constructor(machine: string, child: ChildProcess, tell: (event: WorkerEvent) => void) {
    this.machine = machine;
    this.#tell = tell;
    this.#child = child;
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#over = true;
        this.#wake();
        resolve({ code, signal });
      });
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.#hear(line));
  }

  static async start(options: WorkerProcessOptions): Promise<WorkerProcess> {
    const {
      remote,
      machine,
      stateDir,
      env,
      once,
      slots = 1,
      agentEnv = {},
      agents = {},
      permissions = 'bypass',
      verify = [],
      config = '',
      killAt,
      kill,
      countFrom,
      clockFile,
      launcher,
      gitFault,
      hear = () => {},
    } = options;
    await mkdir(stateDir, { recursive: true });
    const file = join(stateDir, 'config.yaml');
    const all = { command: { argv: ['sh', '-s'], env: agentEnv }, ...agents };
    const policy = { agents: Object.keys(all), permissions, sandbox: 'none', verify };
    const lines = [
      `queue: ${remote}`,
      `machine: ${machine}`,
      `slots: ${slots}`,
      `policy: ${JSON.stringify(policy)}`,
      `agents: ${JSON.stringify(all)}`,
      config,
      '',
    ];
    await writeFile(file, lines.join('\n'));
    const argv = [process.execPath, WORKER, ...(once ? ['--once'] : [])];
    const [program, ...args] = launcher ? [...launcher, ...argv] : argv;
    const child = spawn(program as string, args, {
      env: {
        ...env,
        ERRAND_CONFIG: file,
        ERRAND_STATE_DIR: stateDir,
        ...(killAt !== undefined && { RIG_KILL_AT: killAt }),
        ...(kill !== undefined && { RIG_KILL: kill }),
        ...(countFrom !== undefined && { RIG_COUNT_FROM: countFrom }),
        ...(clockFile !== undefined && { RIG_CLOCK: clockFile }),
        ...(gitFault && faultyGit(gitFault, env)),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new WorkerProcess(machine, child, hear);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.#over;
  }

  /** What it wrote to standard error: usually why it could not start. */
  get errors(): string {
    return this.#errors;
  }

  /** The first event, past or future, that fits; rejects when the process ends without it. */
  async waitFor<E extends WorkerEvent>(fits: (event: WorkerEvent) => event is E, what: string): Promise<E>;
  async waitFor(fits: (event: WorkerEvent) => boolean, what: string): Promise<WorkerEvent>;
  async waitFor(fits: (event: WorkerEvent) => boolean, what: string): Promise<WorkerEvent> {
    for (let seen = 0; ; ) {
      for (; seen < this.events.length; seen++) {
        const event = this.events[seen];
        if (event && fits(event)) return event;
      }
      if (this.#over) throw new Error(`${this.machine} ended without: ${what}\n${this.#errors}`);
      await this.#news();
    }
  }

  /** How many processes were killed at `killAt`, once it is reached; null where the worker has ended with it or before it. */
  async struck(): Promise<number | null> {
    while (this.#killed === null && !this.#over) await this.#news();
    return this.#killed;
  }

  /** Events of one type, so far. */
  all<T extends WorkerEvent['type']>(type: T): Extract<WorkerEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<WorkerEvent, { type: T }> => event.type === type);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends it in good order and waits. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  #hear(line: string): void {
    // Torn by a SIGKILL in the middle.
    if (!line.endsWith('}')) return;
    const said = JSON.parse(line) as WorkerEvent | { rig: 'struck'; killed: number } | { rig: 'family'; processes: Relative[] };
    if (!('rig' in said)) {
      this.events.push(said);
      this.#tell(said);
    } else if (said.rig === 'family') this.family.push(...said.processes);
    else this.#killed = said.killed;
    this.#wake();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => this.#waiters.add(resolve));
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }
}

function faultyGit({ verb, at, when, kill, struck }: GitFault, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    PATH: `${join(RIG, 'faulty-git')}${delimiter}${env.PATH}`,
    RIG_GIT_FAULT: `${verb} ${at} ${when} ${kill}`,
    RIG_GIT_STRUCK: struck,
    RIG_MOMENT: `${struck}.moment`,
  };
}
