import { classifyRemote } from '@errand/config';
import { redact } from '@errand/queue';
import type { Check } from '../check.ts';
import type { Found } from '../finding.ts';
import type { RemoteFacts } from '../remote/facts.ts';
import { isInRepository, locateRepository, shellPath, shellWord } from '../remote/server-command.ts';

/** So slow, `errand status` is no fun and a worker is late. */
const SLOW_MS = 3_000;

/** Does the remote answer, and how fast. */
export const remote: Check = {
  name: 'remote',
  limitMs: 120_000,
  look: async (context) => {
    const facts = await context.remote();
    return facts === null ? [] : judgeRemote(facts);
  },
};

export function judgeRemote({ away, latency, remote }: RemoteFacts): Found[] {
  if (away !== null) return [judgeAway(remote, away)];
  if (latency === null) return [{ state: 'note', what: 'the remote answers; how fast could not be measured' }];
  const { aloneMs, keptMs } = latency;
  const alone = `${Math.round(aloneMs)} ms`;
  const what =
    keptMs === null
      ? `the remote answers in ${alone}`
      : `the remote answers in ${Math.round(keptMs)} ms over a kept connection, in ${alone} without`;
  if ((keptMs ?? aloneMs) < SLOW_MS) return [{ state: 'ok', what }];
  return [
    {
      state: 'warning',
      what,
      why: 'every look, claim and result takes a question or two: a task needs about four of them',
      remedy: 'Use a git host that is nearer or faster, and over ssh see that ControlMaster is not turned off.',
    },
  ];
}

function judgeAway(remote: string, { kind, message }: NonNullable<RemoteFacts['away']>): Found {
  const what = kind === 'refused' ? 'the remote does not let this machine in' : 'the remote does not answer';
  const owner = /dubious ownership in repository at '([^']+)'/.exec(message)?.[1];
  if (owner !== undefined) {
    const { isHere } = locateRepository(remote);
    return {
      state: 'fault',
      what: 'git does not trust the repository: it belongs to another user',
      why: message,
      // It is that user's own file, for all of their repositories: for a person to change.
      remedy: `${isHere ? 'Trust it' : 'On the server, as the user who logs in, trust it'}:`,
      command: `git config --global --add safe.directory ${isInRepository(remote, owner) ? shellWord(owner) : 'REPOSITORY'}`,
    };
  }
  if (/host key/i.test(message)) {
    return { state: 'fault', what, why: message, remedy: 'Connect once by hand with ssh, and compare the key of the server.' };
  }
  const remedy =
    kind === 'refused'
      ? 'Check the address, and the password or the ssh key that lets this machine in; then try:'
      : 'Check the network and the address of the queue; then try:';
  return { state: 'fault', what, why: message, remedy, command: `git ls-remote ${shellPath(hidePassword(remote))}` };
}

/** Of a server that lets in whoever has a token, a name in the address may be one too; over ssh it is only a name. */
function hidePassword(remote: string): string {
  const found = classifyRemote(remote);
  return found.kind === 'url' && (found.password || !/ssh/.test(found.scheme)) ? redact(remote) : remote;
}
