import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeepSettings } from '@errand/config';
import { acquireLock } from '@errand/queue';
import { type AtWork, discardFolder, listClones, listWorkspaces, removeClone, removeWorkspace } from '@errand/workspace';
import type { Holding } from './holding.ts';
import { type Found, listInside, removeFile } from './list-inside.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** A limit may last longer than the folder of a session is kept. */
const SESSION_SPARE_MS = 2 * DAY_MS;
/** Beside its place: a clone that is being made, or taken away. */
const CLONE_BESIDE = /^clone\.(?:new|old)-[0-9a-f]+$/;
/** What is written before it gets its name: files, and locks. */
const DRAFT = /\.\d+\.[0-9a-f]{8}\.tmp$|\.lock\.(?:[0-9a-f]{16}|takeover)$/;

/** Everything in the state directory that has a bound. Folders are not weighed yet. Never rejects. */
export async function listHoldings(stateDir: string, keep: KeepSettings, atWork: AtWork, nowMs: number): Promise<Holding[]> {
  const lists = [
    workspaces(stateDir, atWork, nowMs),
    logs(stateDir, atWork),
    transcripts(stateDir, nowMs),
    repos(stateDir),
    ofQueues(stateDir, nowMs),
    sessions(stateDir, nowMs - keep.workspacesMs - SESSION_SPARE_MS),
    drafts(stateDir, nowMs),
    drafts(join(stateDir, 'repos'), nowMs),
    drafts(join(stateDir, 'sessions'), nowMs),
    drafts(join(stateDir, 'agents'), nowMs),
  ];
  return (await Promise.all(lists)).flat();
}

/** HOME and TMPDIR go as an attempt ends; where they did not, its worker was killed. */
async function workspaces(stateDir: string, atWork: AtWork, nowMs: number): Promise<Holding[]> {
  return (await listWorkspaces(stateDir, atWork)).map((one) => ({
    kind: 'workspaces' as const,
    path: one.path,
    usedAtMs: one.usedAtMs,
    bytes: 0,
    needed: one.needed,
    ...(one.kind === 'run' && nowMs - one.usedAtMs > DAY_MS && { overdue: true as const }),
    remove: () => removeWorkspace(stateDir, one),
  }));
}

async function logs(stateDir: string, atWork: AtWork): Promise<Holding[]> {
  const root = join(stateDir, 'logs');
  const found: Holding[] = [];
  for (const task of await listInside(root)) {
    for (const log of await listInside(task.path)) {
      if (!log.isFolder) found.push(file('logs', log, { root, needed: atWork.nonces.has(log.name.split('.', 1)[0] ?? '') }));
    }
  }
  return found;
}

/** What agents write down of their sessions: files below the folders in a folder that an agent has from us. Those at its top are its login. */
async function transcripts(stateDir: string, nowMs: number): Promise<Holding[]> {
  const found: Holding[] = [];
  for (const agent of await listInside(join(stateDir, 'agents'))) {
    for (const below of await listInside(agent.path)) if (below.isFolder) await walk(below.path, agent.path);
  }
  return found;

  async function walk(folder: string, root: string): Promise<void> {
    for (const one of await listInside(folder)) {
      // A session that goes on writes.
      const needed = nowMs - one.changedAtMs < DAY_MS;
      if (!one.isFolder) found.push(file('transcripts', one, { root, needed }));
      else if ((await listInside(one.path)).length > 0) await walk(one.path, root);
      else found.push({ ...file('transcripts', one, { root, needed }), remove: () => rmdir(one.path).then(succeed, fail) });
    }
  }
}

async function repos(stateDir: string): Promise<Holding[]> {
  return (await listClones(stateDir)).map((clone) => ({
    ...clone,
    kind: 'repos' as const,
    bytes: 0,
    remove: () => removeClone(stateDir, clone),
  }));
}

async function ofQueues(stateDir: string, nowMs: number): Promise<Holding[]> {
  const found: Holding[] = [];
  for (const queue of (await listInside(join(stateDir, 'queues'))).filter(({ isFolder }) => isFolder)) {
    const inQueue = await listInside(queue.path);
    const looked = inQueue.find(({ name }) => name === 'looked')?.changedAtMs;
    for (const one of inQueue) {
      if (one.name === 'clone') found.push(cloneOf(stateDir, one, looked ?? one.changedAtMs, nowMs));
      else if (CLONE_BESIDE.test(one.name) && nowMs - one.changedAtMs > HOUR_MS)
        found.push({ ...file('leftovers', one), remove: () => discardFolder(stateDir, one.path) });
    }
    for (const kept of await listInside(join(queue.path, 'kept'))) found.push(file('results', kept));
    for (const folder of ['outbox', 'journal', 'notifications']) {
      const inFolder = await listInside(join(queue.path, folder));
      found.push(...inFolder.filter(({ name }) => name.endsWith('.damaged')).map((one) => file('results', one)));
      found.push(...(await drafts(join(queue.path, folder), nowMs)));
    }
    found.push(...(await drafts(queue.path, nowMs)), ...(await drafts(join(queue.path, 'ledger'), nowMs)));
  }
  return found;
}

/** Made anew when it is asked for: what must survive lies beside it. */
function cloneOf(stateDir: string, { path }: Found, usedAtMs: number, nowMs: number): Holding {
  const remove = async (): Promise<boolean> => {
    const taken = await acquireLock(`${path}.lock`, { waitMs: 0, what: 'housekeeping' });
    if ('failure' in taken) return false;
    try {
      return await discardFolder(stateDir, path);
    } finally {
      await taken.lock.release();
    }
  };
  return { kind: 'clones', path, usedAtMs, bytes: 0, needed: nowMs - usedAtMs < DAY_MS, remove };
}

async function sessions(stateDir: string, beforeMs: number): Promise<Holding[]> {
  const found = await listInside(join(stateDir, 'sessions'));
  return found.filter(({ changedAtMs }) => changedAtMs < beforeMs).map((one) => file('leftovers', one));
}

/** What a process wrote that was killed before it could give it its name, a day ago. */
async function drafts(folder: string, nowMs: number): Promise<Holding[]> {
  const found = await listInside(folder);
  const dead = found.filter(({ name, changedAtMs, isFolder }) => !isFolder && DRAFT.test(name) && nowMs - changedAtMs > DAY_MS);
  return dead.map((one) => file('leftovers', one));
}

function file(kind: Holding['kind'], found: Found, { root, needed = false }: { root?: string; needed?: boolean } = {}): Holding {
  const { path, changedAtMs: usedAtMs, bytes } = found;
  return { kind, path, usedAtMs, bytes, needed, remove: () => removeFile(found, root) };
}

const succeed = (): boolean => true;
const fail = (): boolean => false;
