import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { addExamples, addJsonOption, DONE, type Io, type Outcome } from '../command.ts';
import { fail } from '../failure.ts';
import { readRemote } from '../remote-argument.ts';

interface JoinOptions {
  machine?: string;
  branch?: string;
  slots?: string;
  capability?: string[];
  force?: true;
  queue?: string;
  json?: true;
}

export function define(command: Command): void {
  command
    .argument('[remote]', 'URL or path of the queue')
    .option('--machine <name>', 'name that tasks use for this machine; may be left out, then it is the host name')
    .option('--branch <branch>', 'branch of the queue; default main')
    .option('--slots <n>', 'how many tasks may run at once; default 1')
    .option('--capability <name>', 'what tasks may ask for under needs; may be repeated', (name, before: string[] = []) => [
      ...before,
      name,
    ])
    .option('--force', 'replace the configuration that is there')
    .description("Connect this machine to a queue: write the machine's own configuration file.");
  addJsonOption(command);
  addExamples(command, [
    ['errand join git@host:me/queue.git', 'under the name of the host'],
    ['errand join git@host:me/queue.git --machine pi', 'writes ~/.config/errand/config.yaml'],
    ['errand join ~/queue.git --machine vm --slots 4 --capability docker', 'with four slots, for tasks that need docker'],
  ]);
}

export async function run(io: Io, [argument]: readonly string[], options: JoinOptions): Promise<Outcome> {
  const text = argument ?? options.queue;
  if (text === undefined)
    return fail(
      'usage',
      'no-remote',
      'no queue was named',
      'Say which: errand join REMOTE. Without --machine NAME this machine has its host name.',
    );
  const remote = await readRemote(io, text);
  if (!remote.ok) return remote;
  const { defaultMachineName, findMachineConfig, parseMachineConfig, readHost, renderMachineConfig } = await import(
    '@errand/config'
  );
  const host = readHost(io.env);
  const { path } = findMachineConfig(io.env, host.home, host.cwd);
  const machine = options.machine ?? defaultMachineName(host.hostname);
  const content = renderMachineConfig({
    queue: remote.remote,
    machine,
    policy: { agents: [] },
    ...(options.branch !== undefined && { branch: options.branch }),
    ...(options.slots !== undefined && { slots: Number(options.slots) }),
    ...(options.capability && { capabilities: options.capability }),
  });
  const parsed = parseMachineConfig(path, content, host);
  if (!parsed.ok) {
    const [first] = parsed.problems;
    return fail('usage', first?.code ?? 'invalid', parsed.problems.map(({ message }) => message).join('; '), first?.hint);
  }
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, content, { flag: options.force ? 'w' : 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      return fail('configuration', 'already-joined', `${path} is there already`, 'Edit it, or replace it with --force.');
    }
    return fail('environment', 'cannot-write', `cannot write ${path}: ${(error as Error).message}`);
  }
  if (options.json) io.out(`${JSON.stringify({ schema: 1, path, machine, queue: remote.remote }, null, 2)}\n`);
  else io.out(nextSteps(path, machine));
  const { warnOfNoQueue } = await import('../warn-of-no-queue.ts');
  await warnOfNoQueue(io, remote.remote, { branch: parsed.value.branch, machine });
  return DONE;
}

function nextSteps(path: string, machine: string): string {
  return [
    `This machine is ${machine} now: ${path}`,
    '',
    'It can file tasks:   errand delegate any WORDS…',
    '',
    'It runs none yet, since its file allows none. What tasks may do here is for you to say:',
    'replace `policy:` in that file. For Claude Code, changing files in its own folder:',
    '',
    '  policy: { agents: [claude], permissions: edits }',
    '',
    'Or, to let everyone who can push to the queue run shell commands as you:',
    '',
    '  policy: { agents: [command], permissions: bypass }',
    '  agents:',
    "    command: { argv: [sh, -s] }    # the task's text arrives on standard input",
    '  default_agent: command           # what tasks without `agent:` get',
    '',
    'Is all in order?     errand doctor',
    'Then, to try it:     errand worker',
    'and to keep it so:   errand service install',
    '',
  ].join('\n');
}
