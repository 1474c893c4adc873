import { type Failure, fail } from '../failure.ts';
import { plainText } from '../plain-text.ts';
import { oneLine } from '../table.ts';
import { type SshTarget, spellTarget } from './ssh-arguments.ts';

interface Trouble {
  code: string;
  says: RegExp;
  what: string;
  hint(target: SshTarget): string;
}

const TROUBLES: readonly Trouble[] = [
  {
    code: 'host-key-changed',
    says: /REMOTE HOST IDENTIFICATION HAS CHANGED|host key for .* has changed/i,
    what: 'has another host key than the one that this machine knows',
    hint: ({ address, port }) =>
      `It may be another machine that answers there. If you know why the key is new, forget the old one: ssh-keygen -R ${port === undefined ? address : `[${address}]:${port}`}, then connect once by hand.`,
  },
  {
    code: 'host-key-unknown',
    says: /Host key verification failed|No .* host key is known/i,
    what: 'is not known to ssh yet',
    hint: (target) => `Connect once by hand and compare the key that it shows: ${spellCommand(target)}`,
  },
  {
    code: 'key-refused',
    says: /Permission denied|Too many authentication failures/i,
    what: 'does not let you in',
    hint: (target) =>
      `Put your key there: ssh-copy-id ${spellCommand(target).replace(/^ssh /, '')}. Without a terminal no password is asked for: a key that ssh-agent holds will do.`,
  },
  {
    code: 'host-unknown',
    says: /Could not resolve hostname/i,
    what: 'has an address that this machine cannot find',
    hint: ({ machine }) =>
      `Check the network and machines.${machine}.address in config/errand.yaml; errand machines discover shows addresses on your tailnet.`,
  },
  {
    code: 'connection-refused',
    says: /Connection refused/i,
    what: 'has no ssh server that answers',
    hint: ({ machine }) => `Start sshd there, or correct machines.${machine}.port in config/errand.yaml.`,
  },
  {
    code: 'host-away',
    says: /timed? ?out|No route to host|Network is (?:unreachable|down)|Host is down|Connection (?:closed|reset)|not responding/i,
    what: 'does not answer',
    hint: ({ machine }) => `Is it switched on, awake and on this network? errand machines says when ${machine} was last seen.`,
  },
];

/** Why ssh did not get as far as the command, from what ssh wrote. Nothing is decided by it but what people are told. */
export function explainSsh(target: SshTarget, said: string): { ok: false; failure: Failure } {
  const text = plainText(said);
  const trouble = TROUBLES.find(({ says }) => says.test(text));
  const lines = text.split('\n').map(oneLine);
  const last = lines.filter((line) => line !== '').at(-1);
  const why = last === undefined ? '' : `; ssh says: ${last}`;
  const place = `${target.machine} (${spellTarget(target)})`;
  if (trouble) return fail('environment', trouble.code, `${place} ${trouble.what}${why}`, trouble.hint(target));
  const hint = `Try it by hand: ${spellCommand(target)}`;
  return fail('environment', 'ssh-failed', `${place} could not be reached${why}`, hint);
}

/** Whether another address may lead further. Nobody has read standard input by then, as somebody who is no shell may have. */
export function mayBeWrongAddress({ code }: Failure): boolean {
  return code === 'ssh-failed' || TROUBLES.some((trouble) => trouble.code === code);
}

/** Nothing was run and ssh is content: somebody else than a shell is at the other end. */
export function explainNoShell(target: SshTarget, status: number): { ok: false; failure: Failure } {
  return fail(
    'environment',
    'no-shell',
    `${target.machine} (${spellTarget(target)}) let you in and did not run the command: it ended with status ${status}`,
    `The user needs a login shell there that runs commands. Try it by hand: ${spellCommand(target)} true`,
  );
}

/** The connection ended before the command did. */
export function explainBreak(target: SshTarget): { ok: false; failure: Failure } {
  return fail(
    'environment',
    'connection-lost',
    `the connection to ${target.machine} (${spellTarget(target)}) broke while the command ran; nobody here knows how it ended`,
    'It may still be running there. Check the network, then look before you start it again.',
  );
}

/** What to type to get there without errand. */
function spellCommand({ address, user, port }: SshTarget): string {
  return `ssh ${port === undefined ? '' : `-p ${port} `}${user === undefined ? '' : `${user}@`}${address}`;
}
