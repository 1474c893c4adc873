import type { GitFailure } from '@errand/queue';
import { type Failure, fail } from './failure.ts';

const HINTS: { readonly [kind in GitFailure['kind']]: string } = {
  transient: 'Try again.',
  unreachable: 'Check the network and the address, then try again. errand delegate works without the remote.',
  refused: 'Check the address of the queue, and the password or the ssh key that lets you in there.',
  declined:
    'A hook there, or a protection of the branch, said no: let this machine push to the branch. See errand help troubleshooting.',
};

/** A repository on this machine has no network between. */
const LOCAL = /^(?:\/|\.\.?(?:\/|$)|~|file:)/;
const LOCAL_HINT =
  'Check the path: is a git repository there, and may you read it? A new one for a queue: git init --bare -b main PATH, then errand init PATH.';

/** What git would not do, as a failure of a command. */
export function failByGit(remote: string, { kind, message }: GitFailure): { ok: false; failure: Failure } {
  const code = { transient: 'remote-busy', unreachable: 'remote-away', refused: 'remote-refused', declined: 'push-refused' }[
    kind
  ];
  const hint = kind === 'unreachable' && LOCAL.test(remote) ? LOCAL_HINT : HINTS[kind];
  return fail('environment', code, `the queue ${hidePassword(remote)}: ${message}`, hint);
}

/** A remote without the password that its URL may hold; of a server that lets in whoever has a token, the name is one too. */
export function hidePassword(remote: string): string {
  return remote.replace(/^([a-z+]+:\/\/)([^/]*)@/i, (_, scheme: string, login: string) =>
    /ssh/i.test(scheme) ? `${scheme}${login.replace(/:.*/, '')}@` : scheme,
  );
}
