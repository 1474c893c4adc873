import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { WatchEvent } from '@errand/checkout';
import type { Person } from '@errand/testing';

const ERRAND = fileURLToPath(new URL('../../packages/cli/dist/errand.js', import.meta.url));

/** `errand watch` as a process of its own, in a person's checkout. */
export class WatchProcess implements AsyncDisposable {
  readonly events: WatchEvent[] = [];
  /** The exit status, or the name of the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly #child: ChildProcess;
  readonly #waiters = new Set<() => void>();
  #errors = '';
  #other = '';
  #over = false;

  constructor(person: Person, args: readonly string[] = [], env: Record<string, string> = {}) {
    const argv = [ERRAND, 'watch', '--json', '--settle', '1s', '--interval', '1s', ...args];
    this.#child = spawn(process.execPath, argv, {
      cwd: person.dir,
      env: { ...person.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    if (this.#child.stdout) createInterface({ input: this.#child.stdout }).on('line', (line) => this.#hear(line));
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#over = true;
        this.#wake();
        resolve(code ?? signal);
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Whatever it said that is no event. */
  get said(): string {
    return this.#other + this.#errors;
  }

  /** The first event, past or future, of this type that fits; throws when the process ends without it. */
  async tells<T extends WatchEvent['type']>(
    type: T,
    fits: (event: Extract<WatchEvent, { type: T }>) => boolean = () => true,
  ): Promise<Extract<WatchEvent, { type: T }>> {
    for (;;) {
      for (const event of this.events) {
        if (event.type === type && fits(event as Extract<WatchEvent, { type: T }>)) {
          return event as Extract<WatchEvent, { type: T }>;
        }
      }
      if (this.#over) throw new Error(`it ended without ${type}: ${JSON.stringify(this.events)}\n${this.said}`);
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  #hear(line: string): void {
    const event = line.startsWith('{"at"') ? (JSON.parse(line) as WatchEvent) : null;
    if (event === null) this.#other += `${line}\n`;
    else this.events.push(event);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }
}
