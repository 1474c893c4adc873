import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Checkout } from '../open-checkout.ts';

const run = promisify(execFile);
const PS_TIMEOUT_MS = 5_000;

/**
 * Whether somebody has `git commit` open in an editor here. Git holds no lock meanwhile, and would fail if the branch moved. It
 * writes the message before it opens the editor, and the log of HEAD once the commit is made; but a message also stays where a
 * commit was given up or had nothing to commit, so that a process must be there too.
 */
export async function hasOpenCommit({ dir, gitDir }: Pick<Checkout, 'dir' | 'gitDir'>): Promise<boolean> {
  const [message, log] = await Promise.all(
    ['COMMIT_EDITMSG', 'logs/HEAD'].map((name) => stat(join(gitDir, name)).catch(() => null)),
  );
  if (!message) return false;
  // Without a log of HEAD (`core.logAllRefUpdates`), the process has to do as a sign.
  if (log && message.mtimeMs <= log.mtimeMs) return false;
  const commands = process.platform === 'linux' ? await listCommandsIn(dir) : await listCommands();
  return commands.some(isCommit);
}

function isCommit([program = '', ...words]: readonly string[]): boolean {
  const name = basename(program);
  return name === 'git-commit' || (name === 'git' && words.includes('commit'));
}

/** What runs in a folder: git goes to the root of the work tree. Of what belongs to others nothing is told. */
async function listCommandsIn(dir: string): Promise<string[][]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (pid) => {
      if ((await readlink(`/proc/${pid}/cwd`).catch(() => null)) !== dir) return [];
      return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    }),
  );
}

/** Everything that runs: where it runs, `ps` does not say. */
async function listCommands(): Promise<string[][]> {
  const { stdout } = await run('ps', ['-A', '-o', 'args='], { timeout: PS_TIMEOUT_MS }).catch(() => ({ stdout: '' }));
  return stdout.split('\n').map((line) => line.trim().split(/\s+/));
}
