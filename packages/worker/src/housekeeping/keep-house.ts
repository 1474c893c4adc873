import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeepSettings } from '@errand/config';
import { acquireLock, sweepSockets } from '@errand/queue';
import { type AtWork, emptyTrash, explainResistance, listTrash, tidyClones } from '@errand/workspace';
import { chooseGone } from './choose-gone.ts';
import { type Holding, type HoldingKind, ONLY_COPIES } from './holding.ts';
import { listHoldings } from './list-holdings.ts';
import { listQueues } from './list-queues.ts';
import { LivedTime } from './lived-time.ts';
import { weighFolders } from './weigh-folders.ts';
import { joinAtWork, readAtWork } from './who-works.ts';

/** A round that is so young need not be repeated, whoever did it. */
const EVERY_MS = 55 * 60_000;
/** So much of the disk is to be free, or so large a share of a small one. */
const WANTED_BYTES = 256 * 2 ** 20;
const WANTED_SHARE = 0.02;

/** Folders, whose room is not known without a walk. */
const WEIGHED: ReadonlySet<HoldingKind> = new Set(['workspaces', 'undelivered', 'repos', 'clones', 'leftovers']);

export interface HouseRequest {
  /** Absolute. */
  stateDir: string;
  keep: KeepSettings;
  env: NodeJS.ProcessEnv;
  /** Wall clock, milliseconds. */
  nowMs: number;
  /** Since this machine started, suspend included, milliseconds. */
  elapsedMs: number;
  /** What this process knows to be at work, besides what the journals say. */
  atWork: AtWork;
  /** Only where nobody has done it for an hour, or the disk is nearly full. */
  onlyIfDue?: boolean;
  /** Says what would go, and deletes nothing. */
  dryRun?: boolean;
  /** How many things may go in this round. */
  most?: number;
  /** Weights of folders by path, from one round to the next: one that nobody works in is weighed once. */
  weights?: WeightMemory;
}

export type WeightMemory = Map<string, { usedAtMs: number; bytes: number }>;

/** What of one kind there was, and how much of it went. */
export interface HouseRow {
  kind: HoldingKind;
  count: number;
  bytes: number;
  gone: number;
  goneBytes: number;
}

export type HouseReport =
  | { kind: 'not-due' }
  /** Another process is at it. */
  | { kind: 'busy'; text: string }
  | {
      kind: 'done';
      rows: HouseRow[];
      /** Paths of what went and was the only copy: results, and folders with work that was not delivered. */
      lost: string[];
      /** What needs more room than it may have, and may not go, bytes; null where everything fits. */
      tooMuchBytes: number | null;
      /** What the disk lacks for a worker to go on, after all has gone that may, bytes; null where it has that. */
      lackingBytes: number | null;
      /** What could not be deleted, absolute paths, and why, in words. */
      stuck: { path: string; why: string }[];
      /** More has to go than this round may take. */
      more: boolean;
    };

const NOTHING: HouseReport = {
  kind: 'done',
  rows: addUp([], new Set()),
  lost: [],
  tooMuchBytes: null,
  lackingBytes: null,
  stuck: [],
  more: false,
};

/**
 * One round over everything that a worker leaves in the state directory: what is too old goes, and what takes too much room, what was
 * used longest ago first; never what runs or is not recorded yet. One process at a time. Never rejects.
 */
export async function keepHouse(request: HouseRequest): Promise<HouseReport> {
  const { stateDir, nowMs: wallMs, elapsedMs, onlyIfDue = false, dryRun = false } = request;
  if ((await listQueues(stateDir)).length === 0) return NOTHING;
  const lacking = await measureLack(stateDir);
  const read = () => LivedTime.read(stateDir, { wallMs, elapsedMs });
  if (onlyIfDue && lacking === 0 && (await read()).sinceDoneMs < EVERY_MS) return { kind: 'not-due' };
  if (dryRun) return sweep(request, await read(), lacking);
  const taken = await acquireLock(join(stateDir, 'housekeeping.lock'), { waitMs: 0, what: 'housekeeping' });
  if ('failure' in taken && taken.failure.holder !== undefined) return { kind: 'busy', text: taken.failure.message };
  try {
    // Where not even a lock can be written the disk is full, and this is what helps; two at once do no harm.
    const lived = await read();
    const report = await sweep(request, lived, lacking);
    await lived.write({ isDone: !report.more });
    return report;
  } finally {
    if ('lock' in taken) await taken.lock.release();
  }
}

async function sweep(request: HouseRequest, lived: LivedTime, lacking: number): Promise<Extract<HouseReport, { kind: 'done' }>> {
  const { stateDir, keep, env, nowMs, dryRun = false, most = Number.POSITIVE_INFINITY } = request;
  if (!dryRun) {
    await emptyTrash(stateDir);
    await tidyClones(stateDir, env, nowMs);
    await sweepSockets(env);
  }
  const atWork = joinAtWork(request.atWork, await readAtWork(stateDir));
  const holdings = await listHoldings({ stateDir, keep, atWork, nowMs });
  await weigh(stateDir, holdings, request.weights ?? new Map());
  lived.dateAll(holdings);
  const { gone, tooMuch, bytesLeft, lackingBytes } = chooseGone(holdings, keep.sizeBytes, nowMs, lacking);
  const removed = new Set<Holding>();
  // One after the other: nobody is in a hurry, and the disk has other things to do.
  for (const one of gone.slice(0, most)) if (dryRun || (await one.remove())) removed.add(one);
  const resisting = dryRun ? [] : await listTrash(stateDir);
  return {
    kind: 'done',
    rows: addUp(holdings, removed),
    lost: [...removed].flatMap(({ kind, path }) => (ONLY_COPIES.has(kind) ? [path] : [])),
    tooMuchBytes: tooMuch ? bytesLeft : null,
    lackingBytes: lackingBytes > 0 ? lackingBytes : null,
    stuck: await Promise.all(resisting.map(async (path) => ({ path, why: await explainResistance(path) }))),
    more: gone.length > most,
  };
}

/** What the disk lacks, bytes, so that a worker can go on: a full one takes neither a lock nor a journal. */
async function measureLack(stateDir: string): Promise<number> {
  const disk = await statfs(stateDir).catch(() => null);
  if (disk === null) return 0;
  const wanted = Math.min(WANTED_BYTES, disk.blocks * disk.bsize * WANTED_SHARE);
  return Math.max(0, wanted - disk.bavail * disk.bsize);
}

async function weigh(stateDir: string, holdings: readonly Holding[], memory: WeightMemory): Promise<void> {
  const folders = holdings.filter(({ kind, bytes }) => bytes === 0 && WEIGHED.has(kind));
  const known = new Set(folders.map(({ path }) => path));
  for (const path of memory.keys()) if (!known.has(path)) memory.delete(path);
  const isKnown = (one: Holding): boolean => memory.get(one.path)?.usedAtMs === one.usedAtMs;
  for (const one of folders.filter(isKnown)) one.bytes = memory.get(one.path)?.bytes ?? 0;
  const measured = await weighFolders(
    stateDir,
    folders.filter((one) => !isKnown(one)).map(({ path }) => path),
  );
  for (const one of folders) {
    const bytes = measured.get(one.path);
    if (bytes === undefined) continue;
    one.bytes = bytes;
    // What somebody works in grows without its folder being changed.
    if (one.needed) memory.delete(one.path);
    else memory.set(one.path, { usedAtMs: one.usedAtMs, bytes });
  }
}

function addUp(holdings: readonly Holding[], removed: ReadonlySet<Holding>): HouseRow[] {
  const kinds: HoldingKind[] = ['workspaces', 'undelivered', 'logs', 'transcripts', 'repos', 'clones', 'results', 'leftovers'];
  return kinds.map((kind) => {
    const all = holdings.filter((one) => one.kind === kind);
    const gone = all.filter((one) => removed.has(one));
    const sum = (those: readonly Holding[]): number => those.reduce((bytes, one) => bytes + one.bytes, 0);
    return { kind, count: all.length, bytes: sum(all), gone: gone.length, goneBytes: sum(gone) };
  });
}
