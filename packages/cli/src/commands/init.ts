import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { View } from '@errand/planner';
import type { Change, PathChange, Queue } from '@errand/queue';
import type { Command } from 'commander';
import { addExamples, addJsonOption, DONE, type Io, type Outcome } from '../command.ts';
import { openQueueAs } from '../connect.ts';
import { fail } from '../failure.ts';
import { readRemote } from '../remote-argument.ts';
import { failByGit, hidePassword } from '../remote-failure.ts';

interface InitOptions {
  branch: string;
  queue?: string;
  json?: true;
}

const TASKS = 'tasks/.gitkeep';
const CONFIG = 'config/errand.yaml';

export function define(command: Command): void {
  command
    .argument('[remote]', 'URL or path of a git repository, which may be empty')
    .option('--branch <branch>', 'branch of the queue', 'main')
    .description('Make a queue in a git repository: the branch, tasks/ and config/errand.yaml. What is there is left alone.');
  addJsonOption(command);
  addExamples(command, [
    ['errand init ~/queue.git', 'a bare repository on this machine'],
    ['errand init git@host:me/queue.git', 'a repository on a server'],
    ['errand init git@host:me/code.git --branch errand', 'a branch of its own in a code repository'],
  ]);
}

export async function run(io: Io, [argument]: readonly string[], { branch, queue: option, json }: InitOptions): Promise<Outcome> {
  const text = argument ?? option;
  if (text === undefined)
    return fail('usage', 'no-remote', 'no repository was named', 'Say which: errand init REMOTE, a URL or a path.');
  const remote = await readRemote(io, text);
  if (!remote.ok) return remote;
  const { defaultMachineName, readHost, stateDir } = await import('@errand/config');
  const machine = defaultMachineName(readHost(io.env).hostname);
  const queue = await openQueueAs(io, remote.remote, { branch, machine }, stateDir(io.env));
  const { changeBranch } = await import('@errand/queue');
  let made: string[] = [];
  const changed = await changeBranch<never>(queue, async (view): Promise<Change<never>> => {
    const changes = await missingFiles(queue, view);
    made = changes.map(({ path }) => path);
    return { ok: true, changes, subject: 'init: a queue for errand' };
  });
  if (!changed.ok)
    return 'cause' in changed ? failByGit(remote.remote, changed.cause) : fail('internal', 'init', 'nothing refuses this');
  if (remote.path !== null) {
    await nameBranch(remote.path, branch);
    await letFilter(io, remote.path, branch);
  }
  await queue.close();
  if (json) io.out(`${JSON.stringify({ schema: 1, queue: remote.remote, branch, commit: changed.commit, made }, null, 2)}\n`);
  else if (made.length === 0) io.out(`${hidePassword(remote.remote)} is a queue already; nothing was changed.\n`);
  else io.out(nextSteps(hidePassword(remote.remote), remote.path !== null, branch, made));
  return DONE;
}

function nextSteps(remote: string, isPath: boolean, branch: string, made: readonly string[]): string {
  const more = branch === 'main' ? '' : ` --branch ${branch}`;
  const lines = [
    `${remote} is a queue now: ${made.join(' and ')} on ${branch}.`,
    `Next, ${isPath ? 'on this machine' : 'on each machine'}: errand join ${remote} --machine NAME${more}`,
    ...(isPath ? [`On others, by ssh:    errand join USER@HOST:${remote} --machine NAME${more}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** What a queue needs and this branch has not got. */
async function missingFiles(queue: Queue, view: View): Promise<PathChange[]> {
  const { readShippedQueueConfig } = await import('@errand/config');
  const { listFolder } = await import('@errand/queue');
  const missing: PathChange[] = [];
  if ((await listFolder(queue.port, view.tip, 'tasks')) === null)
    missing.push({ path: TASKS, blob: await queue.port.writeBlob('') });
  if (view.config === null) missing.push({ path: CONFIG, blob: await queue.port.writeBlob(await readShippedQueueConfig()) });
  return missing;
}

/** In a fresh repository on this machine HEAD may name a branch that nobody made; clones would then show nothing. */
async function nameBranch(path: string, branch: string): Promise<void> {
  const git = (...args: string[]) => promisify(execFile)('git', ['-C', path, ...args]);
  const isBorn = await git('rev-parse', '--verify', '--quiet', 'HEAD').then(
    () => true,
    () => false,
  );
  if (!isBorn) await git('symbolic-ref', 'HEAD', `refs/heads/${branch}`).catch(() => {});
}

/** Machines then need not download every result; a repository of somebody else's is left as it is, which the doctor tells. */
async function letFilter(io: Io, path: string, branch: string): Promise<void> {
  const { allowFilters, findServerRepository } = await import('@errand/queue');
  const found = await findServerRepository(path, { branch, env: io.env });
  if (found.ok) await allowFilters(found.repository, { dryRun: false });
}
