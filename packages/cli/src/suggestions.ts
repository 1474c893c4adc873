/** Commands of other programs, and errand's own for the same. */
const COMMANDS: { readonly [typed: string]: string } = {
  add: 'delegate',
  new: 'delegate',
  create: 'delegate',
  run: 'delegate',
  submit: 'delegate',
  rm: 'cancel',
  remove: 'cancel',
  delete: 'cancel',
  kill: 'cancel',
  ls: 'list',
};

/** Options that people try, by command, and what there is instead. */
const OPTIONS: { readonly [command: string]: { readonly [typed: string]: string } } = {
  list: {
    '--all': 'Without options it lists every open task; --state done, failed or cancelled lists those that have finished.',
  },
  retry: {
    '--all': 'Everything that failed lately: `errand retry $(errand list --state failed --ids)`.',
    '--failed': 'Everything that failed lately: `errand retry $(errand list --state failed --ids)`.',
  },
  cancel: { '--all': 'Every open task: `errand cancel $(errand list --ids)`.' },
  logs: {
    '--tail': 'The end of it: `errand logs ID | tail -n 20`. What comes: `errand logs -f ID`.',
    '--lines': 'The end of it: `errand logs ID | tail -n 20`. What comes: `errand logs -f ID`.',
    '-n': 'The end of it: `errand logs ID | tail -n 20`. What comes: `errand logs -f ID`.',
  },
};

/** What somebody means who types a command that there is not. */
export function suggestCommand(typed: string): string | null {
  const meant = Object.hasOwn(COMMANDS, typed) ? COMMANDS[typed] : undefined;
  return meant === undefined ? null : `Did you mean errand ${meant}?`;
}

/** What there is in place of an option that the command does not have. */
export function suggestOption(command: string, typed: string): string | null {
  const options = Object.hasOwn(OPTIONS, command) ? OPTIONS[command] : undefined;
  const name = typed.replace(/=.*$/s, '');
  return options && Object.hasOwn(options, name) ? (options[name] ?? null) : null;
}
