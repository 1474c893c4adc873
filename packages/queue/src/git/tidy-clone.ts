import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { countPacks } from './clone-files.ts';
import type { GitSession } from './git-session.ts';

/** Every fetch that brings something leaves a pack, and every object that is opened looks through all of them. */
const MAX_PACKS = 60;
/** Files in one of the 256 folders of loose objects; git itself judges by the same one. */
const MAX_LOOSE_IN_FOLDER = 16;

/** Packs the clone together once it has become untidy. What was written in the last day stays, referenced or not. */
export async function tidyClone(session: GitSession, dir: string): Promise<void> {
  const loose = await readdir(join(dir, 'objects', '17')).catch(() => []);
  if ((await countPacks(dir)) <= MAX_PACKS && loose.length <= MAX_LOOSE_IN_FOLDER) return;
  // A failure costs nothing but time: the next fetch tries again.
  await session.tidy(dir, ['repack', '-a', '-d', '-q']);
  await session.tidy(dir, ['prune', '--expire=1.day.ago']);
}
