import { DOCTOR_REFS } from './doctor-refs.ts';
import type { RemoteFacts, RemoteRef } from './facts.ts';
import { Scratch } from './scratch.ts';

/** How long cleaning up may wait for the remote's answers together, milliseconds. */
const CLEAN_UP_MS = 30_000;

/** Removes every ref of this doctor that is there, by what the remote shows and not by what was pushed. */
export async function cleanUp(scratch: Scratch, folder: string, interrupted: boolean): Promise<RemoteFacts['leftBehind']> {
  await scratch.restart();
  const deadline = performance.now() + CLEAN_UP_MS;
  const out = setTimeout(() => void scratch.stop(), CLEAN_UP_MS);
  let left: RemoteRef[] = [];
  let why = interrupted ? 'the doctor was ended' : 'the remote did not let them be removed';
  try {
    for (let tries = 3; tries > 0 && performance.now() < deadline; tries--) {
      const seen = await scratch.list([`${folder}*`]);
      if (!seen.ok) {
        why = seen.cause.message;
        left = [{ name: `${folder}*`, oid: '' }];
        continue;
      }
      left = seen.refs.filter(({ name }) => name.startsWith(folder));
      if (left.length === 0) return null;
      const removed = await scratch.push(left.map(({ name, oid }) => ({ ref: name, to: null, expect: oid })));
      const answers = [...removed.values()];
      if (answers.every(({ state }) => state === 'accepted')) return null;
      // A definite answer does not change by asking again.
      if (answers.every(({ state }) => state !== 'unknown')) tries = 0;
      why = answers.flatMap((answer) => ('said' in answer ? [answer.said] : []))[0] ?? why;
    }
  } finally {
    clearTimeout(out);
  }
  return { refs: left.map(({ name }) => name), why };
}

/** Removes refs that earlier doctors left; those that somebody else removed or changed meanwhile stay. */
export async function removeLeftovers(
  { remote, env }: { remote: string; env: NodeJS.ProcessEnv },
  leftovers: readonly RemoteRef[],
): Promise<{ removed: number; why: string | null }> {
  const refs = leftovers.filter(({ name }) => name.startsWith(DOCTOR_REFS));
  const scratch = await Scratch.make(remote, env);
  try {
    const broken = await scratch.init(refs[0]?.oid.length ?? 40);
    if (broken !== null) return { removed: 0, why: broken.message };
    const removed = await scratch.push(refs.map(({ name, oid }) => ({ ref: name, to: null, expect: oid })));
    const bad = [...removed.values()].filter(({ state }) => state !== 'accepted');
    const why = bad.flatMap((answer) => ('said' in answer ? [answer.said] : []))[0] ?? null;
    return { removed: refs.length - bad.length, why };
  } finally {
    await scratch.discard();
  }
}
