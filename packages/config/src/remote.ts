/** How git reads the name of a remote: with a scheme, as `[user@]host:path` for ssh, through a helper (`ext::…`), or as a path. */
export type Remote =
  | { kind: 'url'; scheme: string; host: string; password: boolean }
  | { kind: 'ssh'; host: string }
  | { kind: 'helper'; name: string }
  | { kind: 'path' };

const HELPER = /^([A-Za-z0-9][A-Za-z0-9+.-]*)::/;
const WITH_SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(?:([^@/]*)@)?(\[[^\]]*\]|[^:/]*)/;
const SSH_SHORT = /^(?:[^@/:]+@)?(\[[^\]]+\]|[^:/]+):/;

/** Sorts a remote's name as git would, without asking whether it exists. */
export function classifyRemote(text: string): Remote {
  const helper = HELPER.exec(text);
  if (helper?.[1] !== undefined) return { kind: 'helper', name: helper[1] };
  const url = WITH_SCHEME.exec(text);
  if (url) {
    const [, scheme = '', user = '', host = ''] = url;
    return { kind: 'url', scheme: scheme.toLowerCase(), host: plainHost(host), password: holdsSecret(user) };
  }
  const ssh = SSH_SHORT.exec(text);
  if (ssh?.[1] !== undefined) return { kind: 'ssh', host: plainHost(ssh[1]) };
  return { kind: 'path' };
}

/** `user:password`, or a token in the user's place. */
function holdsSecret(userInfo: string): boolean {
  return /:./.test(userInfo) || /^(?:gh[a-z]_|github_pat_|glpat-)/.test(userInfo);
}

/** The host that a remote's name leads to, in lower case, or null for a path. */
export function remoteHost(text: string): string | null {
  const remote = classifyRemote(text.trim());
  switch (remote.kind) {
    case 'url':
    case 'ssh':
      return remote.host === '' ? null : remote.host;
    case 'helper':
    case 'path':
      return null;
  }
}

function plainHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}
