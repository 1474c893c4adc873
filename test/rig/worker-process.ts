import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { WorkerEvent } from '@errand/worker';

export interface WorkerProcessOptions {
  remote: string;
  machine: string;
  /** State directory; kept by the caller, so that a restart finds it again. */
  stateDir: string;
  /** Environment that the process starts with: `hermeticEnv`. */
  env: NodeJS.ProcessEnv;
  once?: boolean;
  slots?: number;
  /** Lines of YAML for the machine's file, e.g. `lease: { heartbeat: 1s, ttl: 3s }`. */
  config?: string;
  /** SIGKILL to itself at this point, `push-ended:claim` or, for the third time, `push-ended:claim#3`. */
  killAt?: string;
}

/** A worker as a process of its own, running the built code. */
export class WorkerProcess {
  readonly machine: string;
  readonly events: WorkerEvent[] = [];
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #child: ChildProcess;
  readonly #waiters = new Set<() => void>();
  #errors = '';
  #over = false;

  private constructor(machine: string, child: ChildProcess) {
    this.machine = machine;
    this.#child = child;
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#over = true;
        for (const wake of this.#waiters) wake();
        resolve({ code, signal });
      });
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.events.push(JSON.parse(line) as WorkerEvent);
        for (const wake of this.#waiters) wake();
      });
    }
  }

  static async start(options: WorkerProcessOptions): Promise<WorkerProcess> {
    const { remote, machine, stateDir, env, once, slots = 1, config = '', killAt } = options;
    await mkdir(stateDir, { recursive: true });
    const file = join(stateDir, 'config.yaml');
    const policy = 'policy: { agents: [command], permissions: bypass, sandbox: none }';
    const agents = 'agents: { command: { argv: [sh, -s] } }';
    await writeFile(file, [`queue: ${remote}`, `machine: ${machine}`, `slots: ${slots}`, policy, agents, config, ''].join('\n'));
    const program = join(dirname(fileURLToPath(import.meta.url)), 'worker-process.mjs');
    const child = spawn(process.execPath, [program, ...(once ? ['--once'] : [])], {
      env: { ...env, ERRAND_CONFIG: file, ERRAND_STATE_DIR: stateDir, ...(killAt && { RIG_KILL_AT: killAt }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new WorkerProcess(machine, child);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
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
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiters.delete(wake);
          resolve();
        };
        this.#waiters.add(wake);
      });
    }
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
}
