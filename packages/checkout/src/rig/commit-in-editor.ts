import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Person } from '@errand/testing';

/** Says that it is open, and takes what is typed for the message. */
const EDITOR = `f() { echo open; cat > "$1"; }; f`;

/** A `git commit` of a person's whose message stands open in an editor. */
export class CommitInEditor implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, 'close').then(([code]) => code);
  }

  /** Returns when the editor is open; null where git refuses. */
  static async open(person: Person): Promise<CommitInEditor | null> {
    const log = join(person.dir, '.git/logs/HEAD');
    // The clock of a disk is coarse, and a test is quicker than a person.
    const found = await stat(log).catch(() => null);
    if (found !== null) await utimes(log, found.atimeMs / 1_000, found.mtimeMs / 1_000 - 1);
    const child = spawn('git', ['commit', '--quiet', '--allow-empty'], {
      cwd: person.dir,
      env: { ...person.env, GIT_EDITOR: EDITOR },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const commit = new CommitInEditor(child);
    const isOpen = await Promise.race([once(child.stdout, 'data').then(() => true), commit.#ended.then(() => false)]);
    return isOpen ? commit : null;
  }

  /** Saves the message and closes the editor: the exit status of git. */
  async save(message: string): Promise<number | null> {
    this.#child.stdin?.end(`${message}\n`);
    return this.#ended;
  }

  /** Closes the editor without a word, so that git gives up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end();
    await this.#ended;
  }
}
