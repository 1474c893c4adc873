import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { countPacks } from './clone-files.ts';
import type { GitSession } from './git-session.ts';

/** Every fetch that brings something leaves a pack, and every object that is opened looks through all of them. */
const MAX_PACKS = 60;
/** Where a person waits: packing takes a second or more, looking through so many packs some milliseconds. */
const MAX_PACKS_IN_HASTE = 600;
/** Files in one of the 256 folders of loose objects; git itself judges by the same one. */
const MAX_LOOSE_IN_FOLDER = 16;
const MAX_LOOSE_IN_HASTE = 160;
const KEEP_LOOSE_MS = 24 * 60 * 60 * 1000;

/** Packs the clone together once it has become untidy. What was written in the last day stays, referenced or not. */
export async function tidyClone(
  session: GitSession,
  dir: string,
  { nowMs, hasty }: { nowMs: number; hasty: boolean },
): Promise<void> {
  const loose = await readdir(join(dir, 'objects', '17')).catch(() => []);
  const [maxPacks, maxLoose] = hasty ? [MAX_PACKS_IN_HASTE, MAX_LOOSE_IN_HASTE] : [MAX_PACKS, MAX_LOOSE_IN_FOLDER];
  if ((await countPacks(dir)) <= maxPacks && loose.length <= maxLoose) return;
  // A failure costs nothing but time: the next fetch tries again.
  await session.tidy(dir, ['repack', '-a', '-d', '-q']);
  const expireS = Math.floor((nowMs - KEEP_LOOSE_MS) / 1000);
  await session.tidy(dir, ['prune', `--expire=@${expireS} +0000`]);
}
