/** What one kind of text has to look like, and how it is said when it does not. */
export interface Shape {
  code: string;
  pattern: RegExp;
  /** Completes "`key` must be …". */
  expected: string;
  hint: string;
}

/** Text that is not empty and is one line. */
export const TEXT: Shape = {
  code: 'empty-value',
  pattern: /^\P{Cc}*[^\s\p{Cc}]\P{Cc}*$/u,
  expected: 'one line of text that is not empty',
  hint: 'Write its value on the same line.',
};

/** The name of a machine, as it stands in refs and in tasks. */
export const MACHINE_NAME: Shape = {
  code: 'bad-machine-name',
  pattern: /^(?!any$)[a-z0-9][a-z0-9-]{0,62}$/,
  expected: 'a machine name: lower-case letters, digits and dashes, 63 at most, and not the word any',
  hint: 'For example pi, laptop or build-2.',
};

/** What a machine offers and a task needs. */
export const CAPABILITY: Shape = {
  code: 'bad-capability',
  pattern: /^[a-z0-9][a-z0-9._-]{0,62}$/,
  expected: 'a capability: lower-case letters, digits, dots, dashes and underscores, 63 at most',
  hint: 'For example docker, gpu or arm64.',
};

/** A branch, as `git check-ref-format --branch` allows it, and never an option. */
export const BRANCH: Shape = {
  code: 'bad-branch',
  pattern: /^(?![-/.])(?!refs\/)(?!@$)(?!.*(?:\.\.|\/\/|@\{|\/\.|\.lock(?:\/|$)))[^\s\p{Cc}~^:?*[\\]*[^\s\p{Cc}~^:?*[\\/.]$/u,
  expected: 'the name of a branch',
  hint: 'Write its short name, for example main.',
};

/** The name of a variable. */
export const VARIABLE_NAME: Shape = {
  code: 'bad-variable-name',
  pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
  expected: 'the name of an environment variable',
  hint: 'Use letters, digits and underscores, and no digit first.',
};

/** An ntfy topic. */
export const TOPIC: Shape = {
  code: 'bad-topic',
  pattern: /^[-_A-Za-z0-9]{1,64}$/,
  expected: 'an ntfy topic: letters, digits, dashes and underscores, 64 at most',
  hint: 'For example errand-3fk29x; on a public server take a name that nobody guesses.',
};

/** Where an HTTP service answers. */
export const WEB_ADDRESS: Shape = {
  code: 'bad-url',
  pattern: /^https?:\/\/[^\s/?#@]+(?:[/?#]\S*)?$/,
  expected: 'an http or https address without a name and password in it',
  hint: 'For example https://ntfy.example.',
};

/** What a notification opens. */
export const CLICK_ADDRESS: Shape = {
  code: 'bad-click',
  pattern: /^https?:\/\/[^\s/?#@]+(?:[/?#]\S*)?$/,
  expected: 'an http or https address; {path} in it stands for the file in the queue',
  hint: 'For example https://git.example/me/queue/blob/main/{path}.',
};

/** A tier or the exact id of a model, as tasks spell it. */
export const MODEL: Shape = {
  code: 'bad-model',
  pattern: /^[A-Za-z0-9][\w.:/@[\]-]{0,127}$/,
  expected: 'auto, haiku, sonnet, opus or the exact id of a model',
  hint: 'A model id is one word; put it in quotes if it looks like a number.',
};

/** Where a machine answers: what ssh may be given as a host, and never an option, a path or a pattern. */
export const HOST_ADDRESS: Shape = {
  code: 'bad-address',
  pattern: /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|(?=[^:]*:[^:]*:)[0-9A-Fa-f:.]{2,45})$/,
  expected: 'a host name or an IP address',
  hint: 'For example pi.example.net or 100.64.0.7; the user and the port have keys of their own.',
};

/** Who logs in on a machine. */
export const LOGIN_NAME: Shape = {
  code: 'bad-user',
  pattern: /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/,
  expected: 'the name of a user: letters, digits, dots, dashes and underscores, and no dash first',
  hint: 'For example me.',
};

/** An item of a command line or a value of a variable: an operating system passes no NUL. */
export const ARGUMENT: Shape = {
  code: 'bad-text',
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is refused.
  pattern: /^[^\u0000]*$/,
  expected: 'text without a NUL character',
  hint: 'Put quotes around it if it is a number, true or false.',
};

/** The name of something in the queue's file. */
export const NAME: Shape = {
  code: 'bad-name',
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/,
  expected: 'a name: letters, digits, dots, dashes and underscores, 80 at most',
  hint: 'For example website.',
};

/** A number of bytes. */
export const SIZE: Shape = {
  code: 'bad-size',
  pattern: /^[1-9][0-9]{0,6}(?:KiB|MiB)$/,
  expected: 'a size of at least 1KiB',
  hint: 'Write a number of bytes, or 512KiB, 1MiB and the like.',
};

/** Room on a disk. */
export const DISK_SIZE: Shape = {
  code: 'bad-size',
  pattern: /^[1-9][0-9]{0,6}(?:MiB|GiB)$/,
  expected: 'a size of at least 1MiB',
  hint: 'Write it as in 500MiB or 5GiB.',
};
