import type { Command } from 'commander';
import { addExamples, addJsonOption, addQueueOption, DONE, type Io, type Outcome, type QueueOption } from '../command.ts';
import { fail } from '../failure.ts';
import { describeHouse, describeMaintained, houseJson, maintainedJson } from '../render-maintained.ts';
import { availableColumns } from '../table.ts';

interface MaintainOptions extends QueueOption {
  dryRun?: true;
  branch?: string;
  json?: true;
}

export function define(command: Command): void {
  command
    .argument('[repository]', "a queue's repository on this machine's disk; without it, what Errand itself keeps on this machine")
    .option('--dry-run', 'say what would be done, and change nothing')
    .option('--branch <branch>', 'branch of the queue in that repository, where it is not the one of its HEAD')
    .description(
      'Delete what attempts left on this machine too long ago or in excess, as its worker does every hour; or pack the repository of a queue, so that pushes to it stay fast.',
    );
  addJsonOption(addQueueOption(command));
  addExamples(command, [
    ['errand maintain', "this machine: what is there, and what went because of the machine's keep settings"],
    ['errand maintain --dry-run', 'what would go'],
    ['errand maintain /srv/git/queue.git', 'on the server, as the user that owns the repository; once a week will do'],
  ]);
}

export async function run(io: Io, [repository]: readonly string[], options: MaintainOptions): Promise<Outcome> {
  return repository === undefined ? maintainMachine(io, options) : maintainServer(io, repository, options);
}

async function maintainMachine(io: Io, options: MaintainOptions): Promise<Outcome> {
  const { loadMachineConfig, parseMachineConfig, stateDir: findStateDir } = await import('@errand/config');
  const { failByProblems } = await import('../failure.ts');
  const loaded = await loadMachineConfig(io.env, options.queue === undefined ? {} : { queue: options.queue });
  if (!loaded.ok) return failByProblems('configuration', loaded.problems);
  // A machine that is connected to nothing may hold what it was connected to.
  const machineRead = loaded.value === null ? parseMachineConfig('', '') : { ok: true as const, value: loaded.value };
  if (!machineRead.ok) return failByProblems('configuration', machineRead.problems);
  const machine = machineRead.value;
  const stateDir = findStateDir(io.env);
  const { openQueueAs } = await import('../connect.ts');
  const { idsThatGoOnHere, keepHouse, machineClock } = await import('@errand/worker');
  const queue = machine.queue === null ? null : await openQueueAs(io, machine.queue, machine, stateDir);
  const view = (await queue?.readLastView()) ?? null;
  const ids = new Set(view === null ? [] : idsThatGoOnHere(view, machine.machine));
  const dryRun = options.dryRun ?? false;
  const atWork = { nonces: new Set<string>(), ids };
  const now = { nowMs: Date.now(), elapsedMs: machineClock.elapsedMs() };
  const report = await keepHouse({ stateDir, keep: machine.keep, env: io.env, ...now, atWork, dryRun });
  if (report.kind === 'busy') {
    return fail('environment', 'busy', `housekeeping is being done here already: ${report.text}`, 'Try again in a while.');
  }
  if (report.kind === 'not-due') return DONE;
  const renewal = dryRun || view === null ? null : ((await queue?.renewClone()) ?? null);
  if (renewal?.kind === 'renewed') await queue?.readView();
  await queue?.close();
  const { stuck } = report;
  if (options.json) io.out(`${JSON.stringify({ ...houseJson(stateDir, report, renewal), stuck }, null, 2)}\n`);
  else {
    io.out(describeHouse(stateDir, report, { renewal, dryRun, keep: machine.keep, columns: availableColumns(io) }));
    for (const { path, why } of stuck) io.out(`cannot delete ${path}: ${why}\n`);
  }
  return DONE;
}

async function maintainServer(io: Io, typed: string, options: MaintainOptions): Promise<Outcome> {
  const { classifyRemote } = await import('@errand/config');
  const remote = classifyRemote(typed);
  const isFile = remote.kind === 'url' && remote.scheme === 'file' && remote.host === '';
  if (remote.kind !== 'path' && !isFile) {
    const hint =
      remote.kind === 'ssh' || (remote.kind === 'url' && remote.scheme === 'ssh')
        ? `Run it there: ssh ${remote.host} errand maintain PATH, or without Errand: ssh ${remote.host} git -C PATH gc`
        : 'Hosts such as GitHub look after their repositories themselves. On a server of yours, run it there, with the path.';
    return fail('usage', 'not-here', `${JSON.stringify(typed)} is not a folder on this machine`, hint);
  }
  const { readRemote } = await import('../remote-argument.ts');
  const { fileURLToPath } = await import('node:url');
  const named = await readRemote(io, isFile ? fileURLToPath(typed) : typed);
  if (!named.ok) return named;
  const { allowFilters, findServerRepository, maintainRepository } = await import('@errand/queue');
  const found = await findServerRepository(named.remote, {
    env: io.env,
    ...(options.branch !== undefined && { branch: options.branch }),
  });
  if (!found.ok) return fail(found.code === 'not-mine' ? 'environment' : 'usage', found.code, found.message, found.hint);
  const dryRun = options.dryRun ?? false;
  const allowed = await allowFilters(found.repository, { dryRun });
  const maintained = await maintainRepository(found.repository, { nowMs: Date.now(), dryRun });
  if (options.json) io.out(`${JSON.stringify(maintainedJson(named.remote, found.repository.branch, maintained), null, 2)}\n`);
  else {
    io.out(describeMaintained(named.remote, found.repository.branch, maintained, { dryRun, columns: availableColumns(io) }));
    if (allowed)
      io.out(`${dryRun ? 'would set' : 'set'} uploadpack.allowFilter: clones may leave out files that they do not need\n`);
  }
  if (maintained.failure === null) return DONE;
  const hint =
    'Nothing is lost by that: what git had not finished is as it was. Make room or remove what is in the way, and try again.';
  return fail('environment', 'not-maintained', `git could not pack ${named.remote}: ${maintained.failure}`, hint);
}
