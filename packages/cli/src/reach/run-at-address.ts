import { isDeepStrictEqual } from 'node:util';
import type { Queue } from '@errand/queue';
import type { Io } from '../command.ts';
import type { Failure } from '../failure.ts';
import { type Look, look } from '../look.ts';
import { spellAge } from '../spell.ts';
import { mayBeWrongAddress } from './explain-ssh.ts';
import { findMachine } from './find-machine.ts';
import { type Reached, runOverSsh } from './run-over-ssh.ts';
import { type SshTarget, spellTarget } from './ssh-arguments.ts';

/**
 * Runs a command at the address that was last seen of a machine. Where that leads nowhere the queue is asked, and if the machine
 * has another entry by now, the command is run there. `me` is this machine.
 */
export async function runAtLastAddress(
  io: Io,
  queue: Queue,
  words: readonly string[],
  target: SshTarget,
  me: string,
): Promise<Reached> {
  const reached = await runOverSsh(io, target, words);
  if (reached.kind !== 'failed' || reached.started || !mayBeWrongAddress(reached.failure)) return reached;
  // A queue that does not answer either takes its time.
  io.note(
    `errand: ${target.machine} was not reached at ${spellTarget(target)}: asking the queue whether it has another entry by now\n`,
  );
  const seen = await look(queue);
  if (!seen.ok) return reached;
  if (seen.away) return { ...reached, failure: addSight(reached.failure, seen) };
  const place = await findMachine(seen.view, target.machine, me);
  if (place.kind === 'unlisted') return { kind: 'failed', started: false, failure: place.failure };
  if (place.kind === 'here' || isDeepStrictEqual(place.target, target)) return reached;
  io.note(`errand: it has: trying ${spellTarget(place.target)}\n`);
  return runOverSsh(io, place.target, words);
}

/** Says of a failure how old is what it rests on, where the queue could not be asked. */
export function addSight(failure: Failure, { away, seenAt }: Look): Failure {
  if (away === null) return failure;
  const age = seenAt === null ? '' : ` ${spellAge(new Date(seenAt).toISOString(), Date.now())} ago`;
  const sight = `What config/errand.yaml says of the machine is as last seen${age}: the queue does not answer.`;
  return { ...failure, hint: failure.hint === undefined ? sight : `${failure.hint} ${sight}` };
}
