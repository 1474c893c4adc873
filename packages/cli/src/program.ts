import { Command, CommanderError } from 'commander';
import type { CommandModule, Io, Outcome } from './command.ts';
import { fail } from './failure.ts';
import { readVersion } from './version.ts';

export interface Listed {
  name: string;
  summary: string;
  load(): Promise<CommandModule>;
  hidden?: true;
}

/** Every command. Only the one that is called is loaded. */
export const COMMANDS: readonly Listed[] = [
  { name: 'init', summary: 'make a queue in a git repository', load: () => import('./commands/init.ts') },
  { name: 'join', summary: 'connect this machine to a queue', load: () => import('./commands/join.ts') },
  { name: 'delegate', summary: 'file a task and print its id', load: () => import('./commands/delegate.ts') },
  { name: 'status', summary: 'show machines, open tasks and recent results', load: () => import('./commands/status.ts') },
  { name: 'list', summary: 'list tasks, one a line', load: () => import('./commands/list.ts') },
  { name: 'show', summary: 'show a task, why it waits, or its result', load: () => import('./commands/show.ts') },
  { name: 'logs', summary: 'show what attempts on this machine said', load: () => import('./commands/logs.ts') },
  { name: 'cancel', summary: 'cancel tasks', load: () => import('./commands/cancel.ts') },
  { name: 'retry', summary: 'run tasks again', load: () => import('./commands/retry.ts') },
  { name: 'edit', summary: 'change a task', load: () => import('./commands/edit.ts') },
  { name: 'route', summary: 'show which tier a text would get, and why', load: () => import('./commands/route.ts') },
  { name: 'lint', summary: 'check task files', load: () => import('./commands/lint.ts') },
  { name: 'worker', summary: 'claim and run tasks on this machine', load: () => import('./commands/worker.ts') },
  { name: 'flush', summary: 'send what waits in the outbox', load: () => import('./commands/flush.ts'), hidden: true },
];

/** What the program came to, and whether its errors are wanted as JSON. */
export interface Run {
  outcome: Outcome;
  json: boolean;
}

/** Parses the arguments and runs the command that they name. */
export async function runProgram(args: readonly string[], io: Io): Promise<Run> {
  const program = new Command('errand')
    .description('A task queue in a git repository.')
    .version(readVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .option('--queue <remote>', 'URL or path of the queue, instead of the configured one')
    .enablePositionalOptions()
    .addHelpText(
      'after',
      '\n`errand <command> --help` has examples. Exit status: 0 ok, 1 the task failed, 2 usage,\n3 configuration, 4 environment (git, network), 70 a bug.',
    );
  const called = findCommand(args);
  let outcome: Outcome = { ok: true };
  let given = [...args];
  for (const listed of COMMANDS) {
    const command = program.command(listed.name, { hidden: listed.hidden ?? false }).summary(listed.summary);
    command
      .description(`${listed.summary.charAt(0).toUpperCase()}${listed.summary.slice(1)}.`)
      .helpOption('-h, --help', 'show help');
    if (called?.name !== listed.name) continue;
    const module = await listed.load();
    module.define(command);
    const arranged = called.help ? undefined : module.arrange?.(args.slice(called.at + 1), command);
    if (arranged?.ok === false) return { outcome: arranged, json: args.includes('--json') };
    if (arranged) given = [...args.slice(0, called.at + 1), ...arranged.args];
    command.action(async () => {
      outcome = await module.run(io, command.args, command.optsWithGlobals());
    });
  }
  quieten(program, io);
  const json = args.includes('--json');
  try {
    if (args.length === 0) program.help({ error: true });
    await program.parseAsync(given, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { outcome: readParserError(error, called?.name), json };
  }
  return { outcome, json };
}

/** The first argument that is no option of the program itself. */
function findCommand(args: readonly string[]): { name: string; at: number; help: boolean } | null {
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--queue') at++;
    else if (!arg.startsWith('-')) return { name: arg === 'help' ? (args[at + 1] ?? '') : arg, at, help: arg === 'help' };
  }
  return null;
}

/** The parser throws instead of exiting, and says nothing itself but help. */
function quieten(program: Command, io: Io): void {
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .configureOutput({ writeOut: io.out, writeErr: (text) => (/^error:/.test(text) ? undefined : io.note(text)) });
    command.configureOutput({
      getOutHelpWidth: () => Math.min(io.columns, 100),
      getErrHelpWidth: () => Math.min(io.columns, 100),
    });
  }
}

function readParserError(error: CommanderError, command: string | undefined): Outcome {
  if (error.exitCode === 0) return { ok: true };
  const known = COMMANDS.some(({ name }) => name === command);
  const help = known ? `errand ${command} --help` : 'errand --help';
  if (error.code === 'commander.help') return fail('usage', 'no-command', 'no command was given', `See ${help}.`);
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const nearest = suggestion?.replace(/^\((.*)\)$/, '$1 ') ?? '';
  return fail(
    'usage',
    error.code.replace('commander.', '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    message,
    `${nearest}See ${help}.`,
  );
}
