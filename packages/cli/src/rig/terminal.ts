import { type ChildProcess, spawn } from 'node:child_process';

const PATIENCE_MS = 30_000;

/** A program on a real pseudo-terminal, by `script` of util-linux: what somebody types, and what the terminal shows. */
export class Terminal implements AsyncDisposable {
  readonly #child: ChildProcess;
  #shown = '';
  #seen = 0;
  #look: () => void = () => {};

  constructor(command: string, options: { cwd: string; env: Record<string, string> }) {
    this.#child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], { ...options, stdio: 'pipe' });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#shown += text;
      this.#look();
    });
    this.#child.stdin?.on('error', () => {});
    this.#child.once('close', () => this.#look());
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Waits until this is shown, after what was waited for before, and returns what stands before it. */
  until(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const give = (message: string) => reject(new Error(`${message} before ${JSON.stringify(text)}: ${this.#shown}`));
      const timer = setTimeout(() => give('nothing more was shown'), PATIENCE_MS);
      this.#look = () => {
        const at = this.#shown.indexOf(text, this.#seen);
        if (at < 0 && this.#child.exitCode === null) return;
        clearTimeout(timer);
        this.#look = () => {};
        if (at < 0) return give('the program ended');
        const before = this.#shown.slice(this.#seen, at);
        this.#seen = at + text.length;
        resolve(before);
      };
      this.#look();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin?.destroy();
    // It ends what runs on its terminal.
    this.#child.kill('SIGTERM');
    await closed;
  }
}
