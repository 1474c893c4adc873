import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Scene } from '../rig/scene.ts';

const ERRAND = fileURLToPath(new URL('../../packages/cli/dist/errand.js', import.meta.url));

/** Says how the terminal is before and after, and which process the command is. */
const SHELL = `
stty rows "$ROWS" cols "$COLUMNS_THERE"
echo "terminal $(tty) before $(stty -g)"
sh -c 'echo "process $$"; exec "$@"' sh "$@"
echo "ended $? after $(stty -g)"
`;

/** An `errand` command in a terminal of its own, made by util-linux's `script`. */
export class TerminalProcess implements AsyncDisposable {
  /** Every byte that the terminal was sent. */
  output = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;
  readonly #waiters = new Set<() => void>();
  #over = false;

  constructor(scene: Scene, machine: string, size: { rows: number; columns: number }, ...args: string[]) {
    const stateDir = scene.stateDir(machine);
    const env = {
      ...scene.machineEnv(machine),
      ERRAND_STATE_DIR: stateDir,
      ERRAND_CONFIG: `${stateDir}/config.yaml`,
      TERM: 'xterm-256color',
      ROWS: String(size.rows),
      COLUMNS_THERE: String(size.columns),
      SHELL: '/bin/sh',
    };
    const words = [process.execPath, ERRAND, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
    const command = `sh -c '${SHELL.replaceAll("'", "'\\''")}' sh ${words.join(' ')}`;
    this.#child = spawn('script', ['-qfec', command, '/dev/null'], { cwd: scene.folder, env, stdio: 'pipe' });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
      this.#wake();
    });
    this.#child.stdin?.on('error', () => {});
    this.#closed = new Promise((resolve) => {
      this.#child.once('close', () => {
        this.#over = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** Returns when this was shown, from a place in the output on; throws when the command ends without it. */
  async shows(what: RegExp, from = 0): Promise<RegExpExecArray> {
    for (;;) {
      const found = what.exec(this.output.slice(from));
      if (found) return found;
      if (this.#over) throw new Error(`it ended without ${what}\n${JSON.stringify(this.output)}`);
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  /** Presses keys. */
  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** The command's own process, not the shell around it. */
  async signal(name: NodeJS.Signals): Promise<void> {
    process.kill(Number((await this.shows(/process (\d+)/))[1]), name);
  }

  /** As when a person turns the phone. */
  async resize({ rows, columns }: { rows: number; columns: number }): Promise<void> {
    const path = (await this.shows(/terminal (\S+)/))[1] ?? '';
    await promisify(execFile)('stty', ['-F', path, 'rows', String(rows), 'cols', String(columns)]);
  }

  /** The command's exit status, and whether the terminal's settings are what they were. */
  async ended(): Promise<{ status: number; isRestored: boolean }> {
    const [, before] = await this.shows(/before (\S+)/);
    const [, status, after] = await this.shows(/ended (\d+) after (\S+)/);
    await this.#closed;
    return { status: Number(status), isRestored: before === after };
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }
}
