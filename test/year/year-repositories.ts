import { join } from 'node:path';
import { hermeticEnv, mustRun } from '@errand/testing';
import { prepareWorktree } from '@errand/workspace';

/** For so many days tasks are about one repository, then about the next. */
export const DAYS_EACH = 3;
const FIRST = 'commit refs/heads/main\ncommitter Ada <ada@localhost> 1800000000 +0000\ndata 3\nadd\n';

/** The repositories that tasks are about. Every other one takes no branches: what is made for it stays undelivered. */
export class YearRepositories {
  readonly #folder: string;
  readonly #env: Record<string, string>;
  readonly #made = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
    this.#env = hermeticEnv(folder);
  }

  /** A worktree for a task of this day. */
  async prepare(day: number, task: { stateDir: string; id: string; attempt: number; nonce: string }) {
    const remote = await this.#make(Math.floor(day / DAYS_EACH));
    const identity = { name: 'Errand', email: 'errand@localhost' };
    const prepared = await prepareWorktree({ ...task, remote, base: null, env: this.#env, identity });
    if (!prepared.ok) throw new Error(prepared.message);
    return prepared;
  }

  async #make(n: number): Promise<string> {
    const path = join(this.#folder, `site-${n}.git`);
    if (this.#made.has(path)) return path;
    this.#made.add(path);
    const git = (...args: string[]) => mustRun('git', args, { env: this.#env, input: FIRST });
    await git('init', '--quiet', '--bare', '--initial-branch=main', path);
    await git('--git-dir', path, 'fast-import', '--quiet');
    if (n % 2 === 1) await git('--git-dir', path, 'config', 'transfer.hideRefs', 'refs/heads/errand');
    return path;
  }
}
