import { cleanUp } from './clean-up.ts';
import { doctorFolder, isLeftover } from './doctor-refs.ts';
import type { FirstLook, Latency, RemoteFacts, Tried } from './facts.ts';
import { Scratch, ScratchError } from './scratch.ts';
import { fetchTip, tryBranch } from './try-branch.ts';

/** What an experiment needs to know. */
export interface ExperimentOptions {
  remote: string;
  branch: string;
  env: NodeJS.ProcessEnv;
  now(): number;
  /** Some random hex digits, for refs that no other doctor uses. */
  random(): string;
  /** Ends the experiment early; it cleans up all the same. */
  signal: AbortSignal;
}

/**
 * Finds out by real pushes to refs of its own what the remote does, and removes those refs again, however it ends.
 * Nothing is believed of what a server says it can: each fact is something that was seen to happen.
 */
export async function experiment(options: ExperimentOptions): Promise<RemoteFacts> {
  const { remote, branch, env, now, random, signal } = options;
  const scratch = await Scratch.make(remote, env);
  const facts = nothingKnown(remote, branch);
  const folder = doctorFolder(now(), random());
  const stop = (): void => void scratch.stop();
  signal.addEventListener('abort', stop, { once: true });
  let pushed = false;
  try {
    if (signal.aborted) return { ...facts, away: { kind: 'transient', message: 'ended before it was looked at' } };
    if (!(await lookFirst(scratch, facts, now))) return facts;
    pushed = true;
    await tryRefs(scratch, facts, folder, now);
  } catch (error) {
    if (!(error instanceof ScratchError)) throw error;
    facts.away ??= { kind: 'refused', message: error.message };
  } finally {
    signal.removeEventListener('abort', stop);
    if (pushed) facts.leftBehind = await cleanUp(scratch, folder, signal.aborted);
    await scratch.discard();
  }
  return facts;
}

const NOT_TRIED: Tried = { state: 'not tried', why: 'what comes before it did not work' };

function nothingKnown(remote: string, branch: string): RemoteFacts {
  const look: FirstLook = { refs: [], head: null, tip: null };
  const untried = {
    create: NOT_TRIED,
    remove: NOT_TRIED,
    staleUpdate: NOT_TRIED,
    staleCreate: NOT_TRIED,
    replace: NOT_TRIED,
    atomicHalf: NOT_TRIED,
    branchPush: NOT_TRIED,
  };
  const unread = { readBack: 'not tried', filter: 'not tried', single: 'not tried' } as const;
  return { remote, branch, away: null, look, latency: null, ...untried, ...unread, leftBehind: null, leftovers: [] };
}

/** False where the remote does not answer. */
async function lookFirst(scratch: Scratch, facts: RemoteFacts, now: () => number): Promise<boolean> {
  const broken = await scratch.init(40);
  if (broken !== null) {
    facts.away = broken;
    return false;
  }
  const first = await scratch.list();
  if (!first.ok) {
    facts.away = first.cause;
    return false;
  }
  if (first.refs.some(({ oid }) => oid.length === 64)) await scratch.init(64);
  const refs = first.refs.filter(({ name }) => name !== 'HEAD');
  const tip = refs.find(({ name }) => name === `refs/heads/${facts.branch}`)?.oid ?? null;
  facts.look = { refs, head: first.head, tip };
  facts.leftovers = refs.filter(({ name }) => isLeftover(name, now()));
  facts.latency = await measureLatency(scratch);
  return true;
}

async function measureLatency(scratch: Scratch): Promise<Latency | null> {
  const ask = async (): Promise<number> => {
    const asked = await scratch.list(['HEAD']);
    return asked.ok ? asked.tookMs : Number.POSITIVE_INFINITY;
  };
  const keptMs = scratch.keepsConnections ? Math.min(await ask(), await ask()) : null;
  const aloneMs = scratch.keepsConnections ? await scratch.alone(ask) : Math.min(await ask(), await ask());
  return Number.isFinite(aloneMs) && (keptMs === null || Number.isFinite(keptMs)) ? { aloneMs, keptMs } : null;
}

async function tryRefs(scratch: Scratch, facts: RemoteFacts, folder: string, now: () => number): Promise<void> {
  const [first, second, third, other] = await Promise.all(
    ['one', 'two', 'three', 'four'].map((name) => scratch.commit(`${folder} ${name}`, now())),
  );
  if (!first || !second || !third || !other) return;
  const one = async (ref: string, to: string | null, expect: string | null): Promise<Tried> =>
    (await scratch.push([{ ref, to, expect }])).get(ref) ?? NOT_TRIED;

  const a = `${folder}a`;
  facts.create = await one(a, first, null);
  if (facts.create.state !== 'accepted') return;
  facts.readBack = await readBack(scratch, a, first);
  // Before there are more of them: what cannot be removed stays.
  facts.remove = await one(a, null, first);
  await learnOfReading(scratch, facts);
  if (facts.remove.state !== 'accepted' || facts.readBack === 'no') return;

  const b = `${folder}b`;
  if ((await one(a, first, null)).state !== 'accepted') return;
  facts.replace = await one(a, second, first);
  if (facts.replace.state !== 'accepted') return;
  await breakLeases(scratch, facts, { a, b, held: second, overtaking: third, late: other });
  await tryAtomic(scratch, facts, folder, { a, to: other, now });
}

/** What was accepted must be in the list of refs, and be handed out. */
async function readBack(scratch: Scratch, ref: string, oid: string): Promise<'yes' | 'no'> {
  const listed = await scratch.list([ref]);
  if (!listed.ok || !listed.refs.some((seen) => seen.name === ref && seen.oid === oid)) return 'no';
  const local = 'refs/doctor/back';
  return (await scratch.fetch([], `+${ref}:${local}`)).exitCode === 0 ? 'yes' : 'no';
}

/** Leases that somebody else breaks between git's question and its push, so that only the server can notice. */
async function breakLeases(
  scratch: Scratch,
  facts: RemoteFacts,
  refs: { a: string; b: string; held: string; overtaking: string; late: string },
): Promise<void> {
  const { a, b, held, overtaking, late } = refs;
  const overtaker = await scratch.overtaker([
    { ref: a, to: overtaking },
    { ref: b, to: overtaking },
  ]);
  const pushed = await scratch.push(
    [
      { ref: a, to: late, expect: held },
      { ref: b, to: late, expect: null },
    ],
    { hooks: overtaker.hooks },
  );
  const untried: Tried = { state: 'not tried', why: 'the push that was to break the lease did not arrive' };
  facts.staleUpdate = overtaker.happened() ? (pushed.get(a) ?? NOT_TRIED) : untried;
  facts.staleCreate = overtaker.happened() ? (pushed.get(b) ?? NOT_TRIED) : untried;
}

/**
 * An atomic push with a ref that no server can make, `a/b` beside `a`: the other one must not appear. Where that is seen to
 * hold, the branch is asked about in the same way.
 */
async function tryAtomic(
  scratch: Scratch,
  facts: RemoteFacts,
  folder: string,
  { a, to, now }: { a: string; to: string; now: () => number },
): Promise<void> {
  const impossible = { ref: `${a}/b`, to, expect: null };
  const half = `${folder}half`;
  const pushed = await scratch.push([{ ref: half, to, expect: null }, impossible], { atomic: true });
  const seen = await scratch.list([`${folder}*`]);
  const appeared = seen.ok && seen.refs.some(({ name }) => name === half);
  const control = appeared ? ({ state: 'accepted' } as const) : (pushed.get(half) ?? NOT_TRIED);
  facts.atomicHalf = control;
  if (control.state !== 'refused' || facts.look.tip === null) return;
  facts.branchPush =
    pushed.get(impossible.ref)?.state === 'refused'
      ? await tryBranch(scratch, facts.branch, { impossible, control, now })
      : {
          state: 'not tried',
          why: 'that takes an atomic push that is sure to be refused, so that nothing is left on the branch',
        };
}

/** Whether files can be left out and be had later. */
async function learnOfReading(scratch: Scratch, facts: RemoteFacts): Promise<void> {
  if (facts.look.tip === null) return;
  const tip = await fetchTip(scratch, facts.branch);
  if (tip === null) return;
  facts.filter = (await scratch.has(tip.tree)) ? 'no' : 'yes';
  if (facts.filter === 'no') return;
  await scratch.fetchObject(tip.tree);
  facts.single = (await scratch.has(tip.tree)) ? 'yes' : 'no';
}
