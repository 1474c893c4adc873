import type { Checkout } from '@errand/checkout';
import type { Io, Outcome } from '../command.ts';
import { openQueueAs } from '../connect.ts';
import { fail } from '../failure.ts';
import { quoteWords } from '../reach/quote-words.ts';
import { hidePassword } from '../remote-failure.ts';
import { spellRepository } from './spell-repository.ts';

/**
 * Refuses a checkout of another repository than the queue of this machine: what is saved in its tasks/ would be published there, and no
 * machine of this queue would run it. Null where it is this queue's, or this machine has joined none. Who means it names the queue.
 */
export async function refuseOtherQueue(io: Io, checkout: Checkout): Promise<Outcome | null> {
  const { loadMachineConfig, stateDir } = await import('@errand/config');
  const loaded = await loadMachineConfig(io.env);
  // Watching needs no configuration; one that is broken says nothing of which queue it is.
  const machine = loaded.ok ? loaded.value : null;
  if (machine === null || machine.queue === null) return null;
  const mine = spellRepository(machine.queue, io.cwd);
  const theirs = spellRepository(checkout.address, checkout.dir);
  if (mine.host === theirs.host && mine.path === theirs.path) return null;
  const areBothHere = mine.host === null && theirs.host === null;
  if (!areBothHere && (await areKin(io, checkout, { ...machine, queue: machine.queue }, stateDir(io.env)))) return null;
  const address = hidePassword(checkout.address);
  const message = `${checkout.dir} sends to ${address}, and this machine has joined ${hidePassword(machine.queue)}: what is saved in its tasks/ would be published there`;
  const insist = `ERRAND_QUEUE=${quoteWords([address])} errand watch ${quoteWords([checkout.dir])}`;
  return fail('usage', 'other-queue', message, `Name a checkout of this machine's queue. If you mean that one: ${insist}`);
}

/** A server has many names (aliases of ssh, https beside ssh): one history in both is one queue. Asks nobody. */
async function areKin(
  io: Io,
  { git, upstreamRef }: Checkout,
  machine: { queue: string; branch: string; machine: string },
  stateDir: string,
): Promise<boolean> {
  const queue = await openQueueAs(io, machine.queue, machine, stateDir);
  try {
    const tip = (await queue.readLastView())?.tip ?? null;
    if (tip === null) return false;
    if ((await git.ask('cat-file', '-e', `${tip}^{commit}`)) !== null) return true;
    const theirs = await git.ask('rev-parse', '--verify', '--quiet', upstreamRef);
    return theirs !== null && (await queue.port.read(theirs)) !== null;
  } finally {
    await queue.close();
  }
}
