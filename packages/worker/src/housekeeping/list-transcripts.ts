import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { isPrivate } from '@errand/workspace';
import { type Found, listInside } from './list-inside.ts';

/** Folders in which Claude Code notes what it did, in one version or another. What a person keeps beside them is not among them. */
const NOTED: ReadonlySet<string> = new Set([
  'backups',
  'cache',
  'debug',
  'file-history',
  'image-cache',
  'jobs',
  'paste-cache',
  'plans',
  'projects',
  'session-env',
  'sessions',
  'shell-snapshots',
  'startup-perf',
  'statsig',
  'tasks',
  'teams',
  'telemetry',
  'todos',
  'traces',
  'uploads',
  'usage-data',
]);
/** What Claude Code writes at the top of a folder of its own: a login may have made that before any worker did, open to others. */
const OWN = ['.claude.json', '.credentials.json'];

/** Files of Claude Code's own notes, and folders of it that are empty; nothing where the folder is not the agent's. Never rejects. */
export async function listTranscripts(root: string): Promise<Found[]> {
  const found: Found[] = [];
  if (await isAgents(root)) {
    for (const one of await listInside(root)) if (one.isFolder && NOTED.has(one.name)) await walk(one.path);
  }
  return found;

  async function walk(within: string): Promise<void> {
    for (const one of await listInside(within)) {
      if (one.isFolder && (await listInside(one.path)).length > 0) await walk(one.path);
      else found.push(one);
    }
  }
}

/** A state directory may be somebody's home, with an `agents` of their own in it: a worker makes its folder closed to others. */
async function isAgents(root: string): Promise<boolean> {
  if (await isPrivate(root)) return true;
  const info = await lstat(root).catch(() => null);
  if (info?.uid !== process.getuid?.()) return false;
  const own = await Promise.all(OWN.map((name) => lstat(join(root, name)).catch(() => null)));
  return own.some((file) => file?.isFile());
}
