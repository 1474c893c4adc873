// systemd.syntax(7) and systemd.service(5): `%` begins a specifier, quotes and backslashes are as in C. A dollar is expanded in
// the arguments of a command, and not in `Environment=`. The name of a program may hold neither quotes nor backslashes, however
// they are written; so a program whose folder anybody may have named is an argument of `/bin/sh`.

/** A value between quotes, as `Environment=` takes its assignments. It has no control characters. */
export function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`;
}

/** The same, as an argument in `ExecStart=`. */
export function quoteArgument(text: string): string {
  return quote(text).replaceAll('$', '$$$$');
}

/** What stands between the quotes of a line that `quote` made, or null where it was made otherwise. */
export function unquote(text: string): string | null {
  const inner = /^"((?:[^"\\]|\\.)*)"$/.exec(text)?.[1];
  return inner === undefined ? null : inner.replaceAll('%%', '%').replaceAll(/\\(.)/g, '$1');
}
