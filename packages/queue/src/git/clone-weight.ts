import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How much a clone holds. */
export interface CloneWeight {
  /** Bytes of packs, refs and loose objects; the last are estimated from some of their 256 folders. */
  bytes: number;
  packs: number;
  looseObjects: number;
}

/** What a clone was when it was made. */
export interface MadeAs {
  /** Wall clock, milliseconds. */
  atMs: number;
  bytes: number;
}

/** A clone may always be so large; a young queue is not worth the trouble. */
export const ROOM_BYTES = 8 * 1024 * 1024;
/** So many times as large as it was when new, it holds mostly what nobody asks for any more. */
const TIMES_NEW = 4;
/** Each look that brings something leaves a pack. A worker packs them together; where nobody does, a new clone is as good. */
const MANY_PACKS = 100;
const EVERY_MS = 24 * 60 * 60 * 1000;
/** Names are hashes, so a few folders speak for all. */
const SAMPLE = ['17', '5a', 'a3', 'e8'];
const FOLDERS = 256;
const MADE = 'errand-made';

/** Weighs a clone by listing its packs and a few folders of its objects. Never rejects; what is not there weighs nothing. */
export async function weighClone(dir: string): Promise<CloneWeight> {
  const objects = join(dir, 'objects');
  const packed = await listSizes(join(objects, 'pack'));
  const loose = (await Promise.all(SAMPLE.map((name) => listSizes(join(objects, name))))).flat();
  const scale = FOLDERS / SAMPLE.length;
  const refs = await sizeOf(join(dir, 'packed-refs'));
  return {
    bytes: sum(packed) + Math.round(sum(loose) * scale) + refs,
    packs: packed.filter(({ name }) => name.endsWith('.pack')).length,
    looseObjects: loose.length * scale,
  };
}

/**
 * Whether a new clone is worth its fetch: repacking never lets go of what a remote once sent, since git takes everything in such
 * a pack for promised; so heartbeats, records and old trees gather for as long as a clone lives.
 */
export function hasOutgrown({ bytes, packs }: CloneWeight, made: MadeAs | null, nowMs: number, roomBytes = ROOM_BYTES): boolean {
  if (bytes <= Math.max(roomBytes, TIMES_NEW * (made?.bytes ?? 0)) && packs <= MANY_PACKS) return false;
  // A clock that was set back must not put it off for years.
  return made === null || Math.abs(nowMs - made.atMs) >= EVERY_MS;
}

/** Notes in a clone what it is while it is new. */
export async function noteMade(dir: string, atMs: number): Promise<void> {
  const { bytes } = await weighClone(dir);
  await writeFile(join(dir, MADE), `${JSON.stringify({ atMs, bytes } satisfies MadeAs)}\n`);
}

/** Null where it was not noted: the first clone of a queue, or one that an earlier version made. */
export async function readMade(dir: string): Promise<MadeAs | null> {
  try {
    const { atMs, bytes } = JSON.parse(await readFile(join(dir, MADE), 'utf8')) as Partial<MadeAs>;
    return Number.isFinite(atMs) && Number.isFinite(bytes) ? { atMs: Number(atMs), bytes: Number(bytes) } : null;
  } catch {
    return null;
  }
}

async function listSizes(folder: string): Promise<{ name: string; bytes: number }[]> {
  const names = await readdir(folder).catch(() => []);
  return Promise.all(names.map(async (name) => ({ name, bytes: await sizeOf(join(folder, name)) })));
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}

function sum(files: readonly { bytes: number }[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}
