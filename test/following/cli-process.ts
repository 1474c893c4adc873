import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Scene } from '../rig/scene.ts';

const ERRAND = fileURLToPath(new URL('../../packages/cli/dist/errand.js', import.meta.url));

/** An `errand` command that goes on for a while, on a machine whose worker was started before. */
export class CliProcess implements AsyncDisposable {
  stdout = '';
  stderr = '';
  /** The exit status, or the name of the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly #child: ChildProcess;
  readonly #waiters = new Set<() => void>();
  #over = false;

  constructor(scene: Scene, machine: string, ...args: string[]) {
    const stateDir = scene.stateDir(machine);
    const env = { ...scene.machineEnv(machine), ERRAND_STATE_DIR: stateDir, ERRAND_CONFIG: `${stateDir}/config.yaml` };
    this.#child = spawn(process.execPath, [ERRAND, ...args], { cwd: scene.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#wake();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#over = true;
        this.#wake();
        resolve(code ?? signal);
      });
    });
  }

  /** Returns when this was said; throws when the command ends without it. */
  async says(stream: 'stdout' | 'stderr', what: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = what.exec(this[stream]);
      if (found) return found;
      if (this.#over) throw new Error(`it ended without ${what}\nstdout: ${this.stdout}\nstderr: ${this.stderr}`);
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  /** The id that `delegate` has printed. */
  async id(): Promise<string> {
    return (await this.says('stdout', /^([a-z0-9-]+)\n/))[1] ?? '';
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}
