import type { Argument, Command, Option } from 'commander';

/** Where the values of an argument or an option come from. */
export type Source =
  | { kind: 'choices'; values: readonly string[] }
  | { kind: 'tasks'; which: 'open' | 'finished' | 'all' }
  | { kind: 'machines'; any: boolean }
  | { kind: 'repos' }
  | { kind: 'models' | 'agents' | 'pages' | 'files' | 'folders' | 'nothing' };

/** By the name of the placeholder in a command's own definition, so that a new command says it by its own words. */
const BY_NAME: { readonly [name: string]: Exclude<Source['kind'], 'choices'> } = {
  id: 'tasks',
  ids: 'tasks',
  machine: 'machines',
  machines: 'machines',
  repo: 'repos',
  model: 'models',
  agent: 'agents',
  topic: 'pages',
  file: 'files',
  checkout: 'folders',
  remote: 'folders',
  repository: 'folders',
};

/** What finished is what can run again, or be read; everything else is about open tasks. */
const WHICH: { readonly [command: string]: 'open' | 'finished' | 'all' } = { retry: 'finished', show: 'all', logs: 'all' };
const ANYWHERE = ['delegate', 'edit'];

/** The source of an argument's values. */
export function sourceOfArgument(command: Command, argument: Argument): Source {
  if (argument.argChoices) return { kind: 'choices', values: argument.argChoices };
  return sourceByName(command, [argument.name()]);
}

/** The source of an option's values: by its placeholder, as `<ids>`, or else by its own name, as `--machine`. */
export function sourceOfOption(command: Command, option: Option): Source {
  if (option.argChoices) return { kind: 'choices', values: option.argChoices };
  const placeholder = /[<[]([\w-]+)/.exec(option.flags)?.[1] ?? '';
  return sourceByName(command, [placeholder, option.attributeName()]);
}

function sourceByName(command: Command, names: readonly string[]): Source {
  const kind = names.flatMap((name) => BY_NAME[name] ?? [])[0] ?? 'nothing';
  const asksQueue = command.options.some(({ long }) => long === '--queue');
  switch (kind) {
    case 'tasks':
      return { kind, which: WHICH[command.name()] ?? 'open' };
    case 'machines':
      // A command that talks to no queue names a machine that no queue knows yet.
      return asksQueue ? { kind, any: ANYWHERE.includes(command.name()) } : { kind: 'nothing' };
    default:
      return { kind };
  }
}
