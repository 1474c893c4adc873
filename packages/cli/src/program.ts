import { Command, CommanderError } from 'commander';
import { type CommandModule, fitHelp, helpWidth, type Io, type Outcome } from './command.ts';
import { fail } from './failure.ts';
import { isTopic, renderTopics } from './help/topics.ts';
import { answerInJson } from './json-text.ts';
import { suggestCommand, suggestOption } from './suggestions.ts';
import { readVersion } from './version.ts';
import { wrapText } from './wrap-text.ts';

export interface Listed {
  name: string;
  summary: string;
  load(): Promise<CommandModule>;
  hidden?: true;
  /** The help begins a group here, with this heading. */
  group?: string;
}

/** Every command. Only the one that is called is loaded. */
export const COMMANDS: readonly Listed[] = [
  { group: 'Set up:', name: 'init', summary: 'make a queue in a git repository', load: () => import('./commands/init.ts') },
  { name: 'join', summary: 'connect this machine to a queue', load: () => import('./commands/join.ts') },
  { group: 'Tasks:', name: 'delegate', summary: 'file a task and print its id', load: () => import('./commands/delegate.ts') },
  { name: 'status', summary: 'show machines, open tasks and recent results', load: () => import('./commands/status.ts') },
  { name: 'list', summary: 'list tasks, one a line', load: () => import('./commands/list.ts') },
  { name: 'show', summary: 'show a task, why it waits, or its result', load: () => import('./commands/show.ts') },
  { name: 'logs', summary: 'show what attempts said', load: () => import('./commands/logs.ts') },
  { name: 'cancel', summary: 'cancel tasks', load: () => import('./commands/cancel.ts') },
  { name: 'retry', summary: 'run tasks again', load: () => import('./commands/retry.ts') },
  { name: 'edit', summary: 'change a task', load: () => import('./commands/edit.ts') },
  { name: 'watch', summary: 'file what is saved in a checkout', load: () => import('./commands/watch.ts') },
  {
    group: 'Machines:',
    name: 'machines',
    summary: 'show the machines, and find new ones',
    load: () => import('./commands/machines.ts'),
  },
  { name: 'exec', summary: 'run a command on another machine', load: () => import('./commands/exec.ts') },
  {
    group: 'Before you file a task:',
    name: 'route',
    summary: 'show which tier a text would get, and why',
    load: () => import('./commands/route.ts'),
  },
  { name: 'lint', summary: 'check task files', load: () => import('./commands/lint.ts') },
  {
    group: 'This machine:',
    name: 'worker',
    summary: 'claim and run tasks on this machine',
    load: () => import('./commands/worker.ts'),
  },
  { name: 'service', summary: 'keep the worker running on this machine', load: () => import('./commands/service.ts') },
  { name: 'doctor', summary: 'find out what is wrong here, and repair it', load: () => import('./commands/doctor.ts') },
  { name: 'maintain', summary: 'keep this machine and its server small', load: () => import('./commands/maintain.ts') },
  { group: 'Help:', name: 'help', summary: 'explain a command or a topic', load: () => import('./commands/help.ts') },
  {
    name: 'completion',
    summary: 'complete commands, tasks and machines at the Tab key',
    load: () => import('./commands/completion.ts'),
  },
  { name: 'complete', summary: 'say how a line may go on', load: () => import('./commands/complete.ts'), hidden: true },
  { name: 'flush', summary: 'send what waits in the outbox', load: () => import('./commands/flush.ts'), hidden: true },
];

const EPILOGUE =
  '`errand <command> --help` has examples. Exit status: 0 ok, 1 the task failed, 2 usage, 3 configuration, 4 environment (git, network), 70 a bug.';

/** What the program came to, and whether its errors are wanted as JSON. */
export interface Run {
  outcome: Outcome;
  json: boolean;
}

/** The program without its commands: its name and its own options. */
export function defineProgram(): Command {
  return new Command('errand')
    .description('A task queue in a git repository.')
    .version(readVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .option('--queue <remote>', 'URL or path of the queue, instead of the configured one')
    .enablePositionalOptions()
    .addHelpText('after', ({ command, error }) => {
      const columns = helpWidth(command, error);
      return `\n${renderTopics(columns)}\n\n${wrapText(EPILOGUE, Math.min(columns, 96)).join('\n')}`;
    });
}

/** Parses the arguments and runs the command that they name. */
export async function runProgram(typed: readonly string[], io: Io): Promise<Run> {
  const args = spellHelp(typed);
  const program = defineProgram();
  const called = findCommand(args);
  let outcome: Outcome = { ok: true };
  let given = [...args];
  for (const listed of COMMANDS) {
    if (listed.group !== undefined) program.commandsGroup(listed.group);
    const command = program.command(listed.name, { hidden: listed.hidden ?? false }).summary(listed.summary);
    command
      .description(`${listed.summary.charAt(0).toUpperCase()}${listed.summary.slice(1)}.`)
      .helpOption('-h, --help', 'show help');
    if (called?.name !== listed.name) continue;
    const module = await listed.load();
    module.define(command);
    if (isTopic(listed.name)) command.addHelpText('after', `\nMore about it: errand help --page ${listed.name}`);
    const arranged = module.arrange?.(args.slice(called.at + 1), command);
    if (arranged?.ok === false) return { outcome: arranged, json: args.includes('--json') };
    if (arranged) given = [...args.slice(0, called.at + 1), ...arranged.args];
    command.action(async () => {
      outcome = await module.run(json ? answerInJson(io) : io, command.args, command.optsWithGlobals());
    });
  }
  quieten(program, io);
  // After a -- it is a word of somebody else's.
  const json = given.slice(0, given.includes('--') ? given.indexOf('--') : undefined).includes('--json');
  try {
    if (args.length === 0) program.help({ error: true });
    await program.parseAsync(given, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { outcome: await readParserError(error, called?.name), json };
  }
  return { outcome, json };
}

/**
 * `errand help` and `errand help <command>` are `--help` in other words, and `errand version` is `--version`; what else is asked
 * for is a topic.
 */
function spellHelp(args: readonly string[]): readonly string[] {
  if (args.length === 1 && args[0] === 'version') return ['--version'];
  const [first, name, ...more] = args;
  if (first !== 'help' || more.length > 0) return args;
  if (name === undefined) return ['--help'];
  return COMMANDS.some((command) => command.name === name && name !== 'help') ? [name, '--help'] : args;
}

/** The first argument that is no option of the program itself. */
function findCommand(args: readonly string[]): { name: string; at: number } | null {
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--queue') at++;
    else if (!arg.startsWith('-')) return { name: arg, at };
  }
  return null;
}

/** The parser throws instead of exiting, and says nothing itself but help. */
function quieten(program: Command, io: Io): void {
  for (const command of [program, ...program.commands]) {
    fitHelp(command)
      .exitOverride()
      .configureOutput({ writeOut: io.out, writeErr: (text) => (/^error:/.test(text) ? undefined : io.note(text)) });
    command.configureOutput({
      getOutHelpWidth: () => Math.min(io.columns, 100),
      getErrHelpWidth: () => Math.min(io.columns, 100),
    });
  }
}

/** What the parser says of an argument that is none of its choices. */
const UNKNOWN_CHOICE = /^error: command-argument value '(.*)' is invalid for argument '.*'\. Allowed choices are (.*)\.$/s;

async function failByUnknownChoice(command: string, typed: string, choices: readonly string[]): Promise<Outcome> {
  const { nearestOf } = await import('@errand/task');
  const near = (typed === '' ? undefined : choices.find((choice) => choice.startsWith(typed))) ?? nearestOf(typed, choices);
  const hint = near === null ? `There is ${choices.join(', ')}.` : `Did you mean errand ${command} ${near}?`;
  return fail('usage', 'invalid-argument', `there is no errand ${command} ${typed}`, `${hint} See errand ${command} --help.`);
}

async function readParserError(error: CommanderError, command: string | undefined): Promise<Outcome> {
  if (error.exitCode === 0) return { ok: true };
  const known = COMMANDS.some(({ name }) => name === command);
  const help = known ? `errand ${command} --help` : 'errand --help';
  if (error.code === 'commander.help') return fail('usage', 'no-command', 'no command was given', `See ${help}.`);
  if (error.code === 'commander.missingArgument' && error.message.includes("'id'")) {
    const hint =
      `Name one after it: errand ${command} ID; errand list shows the ids. ` +
      `If $(errand list … --ids) stood there, no task is like that, and there is nothing to do.`;
    return fail('usage', 'missing-argument', `no task was named: errand ${command} needs an id`, hint);
  }
  const chosen = UNKNOWN_CHOICE.exec(error.message);
  if (chosen) return failByUnknownChoice(command ?? '', chosen[1] ?? '', (chosen[2] ?? '').split(', '));
  const [message = '', nearest] = error.message.replace(/^error: /, '').split('\n');
  const tried = /^unknown (command|option) '(.*)'$/s.exec(message);
  const suggestion = tried?.[1] === 'command' ? suggestCommand(tried[2] ?? '') : suggestOption(command ?? '', tried?.[2] ?? '');
  const instead = suggestion ?? nearest?.replace(/^\((.*)\)$/, '$1') ?? '';
  return fail(
    'usage',
    error.code.replace('commander.', '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    message,
    instead === '' ? `See ${help}.` : `${instead} See ${help}.`,
  );
}
