import { lstat, rmdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { KeepSettings } from '@errand/config';
import { acquireLock } from '@errand/queue';
import {
  type AtWork,
  discardFolder,
  listClones,
  listTrash,
  listWorkspaces,
  removeClone,
  removeWorkspace,
} from '@errand/workspace';
import type { Holding, HoldingKind } from './holding.ts';
import { type Found, listInside, removeFile } from './list-inside.ts';
import { listLogs } from './list-logs.ts';
import { listQueues } from './list-queues.ts';
import { listSessions, type SessionFile } from './list-sessions.ts';
import { listTranscripts } from './list-transcripts.ts';
import { GOES_ON_HERE } from './who-works.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** A limit may last longer than the folder of a session is kept. */
const SESSION_SPARE_MS = 2 * DAY_MS;
/** Beside its place: a clone that is being made, or taken away. */
const CLONE_BESIDE = /^clone\.(?:new|old)-[0-9a-f]+$/;
/** What is written before it gets its name: files, and locks. */
const DRAFT = /\.\d+\.[0-9a-f]{8}\.tmp$|\.lock\.(?:[0-9a-f]{16}|takeover)$/;

/** What is being listed, and for whom. */
interface House {
  stateDir: string;
  keep: KeepSettings;
  atWork: AtWork;
  nowMs: number;
}

/** Everything of ours in the state directory that has a bound. Folders are not weighed yet, and nothing has an age. Never rejects. */
export async function listHoldings(house: House): Promise<Holding[]> {
  const { stateDir } = house;
  const sessions = await listSessions(join(stateDir, 'sessions'));
  const lists = [
    workspaces(house),
    logs(house),
    transcripts(house, sessions),
    repos(house),
    ofQueues(house),
    trash(stateDir),
    drafts(stateDir),
    drafts(join(stateDir, 'repos')),
    drafts(join(stateDir, 'sessions')),
    drafts(join(stateDir, 'agents')),
  ];
  return [...(await Promise.all(lists)).flat(), ...sessions.map((one) => sessionOf(house, one))];
}

/** HOME and TMPDIR go as an attempt ends; where they did not, its worker was killed. */
async function workspaces({ stateDir, keep, atWork }: House): Promise<Holding[]> {
  return (await listWorkspaces(stateDir, atWork)).map((one) => ({
    ...folder(one.undelivered ? 'undelivered' : 'workspaces', one, one.kind === 'run' ? DAY_MS : keep.workspacesMs),
    needed: one.needed,
    remove: () => removeWorkspace(stateDir, one),
  }));
}

async function logs({ stateDir, keep, atWork }: House): Promise<Holding[]> {
  const root = join(stateDir, 'logs');
  return (await listLogs(root)).map(({ nonce, found }) =>
    file('logs', found, keep.logsMs, { root, needed: atWork.nonces.has(nonce) }),
  );
}

/** A session that goes on writes; one that waits to be gone on with does not. */
async function transcripts({ stateDir, keep, atWork, nowMs }: House, sessions: readonly SessionFile[]): Promise<Holding[]> {
  const root = join(stateDir, 'agents', 'claude');
  const wanted = sessions.filter(({ id }) => atWork.ids?.has(id)).map(({ session }) => session);
  return (await listTranscripts(root)).map((one) => {
    const isWanted = relative(root, one.path)
      .split('/')
      .some((part) => wanted.some((session) => part.startsWith(session)));
    const held = file('transcripts', one, keep.logsMs, { root, needed: isWanted || nowMs - one.changedAtMs < DAY_MS });
    return one.isFolder ? { ...held, remove: () => rmdir(one.path).then(succeed, fail) } : held;
  });
}

async function repos({ stateDir, keep }: House): Promise<Holding[]> {
  return (await listClones(stateDir)).map((clone) => ({
    ...folder('repos', clone, keep.reposMs),
    needed: clone.needed,
    remove: () => removeClone(stateDir, clone),
  }));
}

async function ofQueues({ stateDir, keep, nowMs }: House): Promise<Holding[]> {
  const found: Holding[] = [];
  for (const queue of await listQueues(stateDir)) {
    const inQueue = await listInside(queue);
    const looked = inQueue.find(({ name }) => name === 'looked')?.changedAtMs;
    for (const one of inQueue) {
      const usedAtMs = looked ?? one.changedAtMs;
      if (one.name === 'clone') found.push(cloneOf(stateDir, { path: one.path, usedAtMs }, keep.reposMs, nowMs));
      else if (one.name === GOES_ON_HERE) found.push(file('leftovers', one, keep.reposMs));
      else if (CLONE_BESIDE.test(one.name))
        found.push({ ...file('leftovers', one, HOUR_MS), remove: () => discardFolder(stateDir, one.path) });
    }
    for (const kept of await listInside(join(queue, 'kept'))) found.push(file('results', kept, keep.resultsMs));
    for (const name of ['outbox', 'journal', 'notifications']) {
      const damaged = (await listInside(join(queue, name))).filter((one) => one.name.endsWith('.damaged'));
      found.push(...damaged.map((one) => file('results', one, keep.resultsMs)), ...(await drafts(join(queue, name))));
    }
    found.push(...(await drafts(queue)), ...(await drafts(join(queue, 'ledger'))));
  }
  return found;
}

/** Made anew when it is asked for: what must survive lies beside it. */
function cloneOf(stateDir: string, clone: { path: string; usedAtMs: number }, limitMs: number, nowMs: number): Holding {
  const remove = async (): Promise<boolean> => {
    const taken = await acquireLock(`${clone.path}.lock`, { waitMs: 0, what: 'housekeeping' });
    if ('failure' in taken) return false;
    try {
      return await discardFolder(stateDir, clone.path);
    } finally {
      await taken.lock.release();
    }
  };
  return { ...folder('clones', clone, limitMs), needed: nowMs - clone.usedAtMs < DAY_MS, remove };
}

function sessionOf({ keep, atWork }: House, { found, id }: SessionFile): Holding {
  return file('leftovers', found, keep.workspacesMs + SESSION_SPARE_MS, { needed: atWork.ids?.has(id) === true });
}

/** What is still in the trash resists: it takes room, and waits for a person. */
async function trash(stateDir: string): Promise<Holding[]> {
  const found = await Promise.all(
    (await listTrash(stateDir)).map(async (path) => ({ path, usedAtMs: (await lstat(path).catch(() => null))?.mtimeMs ?? 0 })),
  );
  return found.map((one) => ({ ...folder('leftovers', one, 0), needed: true, remove: async () => false }));
}

/** What a process wrote that was killed before it could give it its name, a day ago. */
async function drafts(within: string): Promise<Holding[]> {
  const found = await listInside(within);
  return found.filter(({ name, isFolder }) => !isFolder && DRAFT.test(name)).map((one) => file('leftovers', one, DAY_MS));
}

function folder(
  kind: HoldingKind,
  { path, usedAtMs }: { path: string; usedAtMs: number },
  limitMs: number,
): Omit<Holding, 'needed' | 'remove'> {
  return { kind, path, usedAtMs, limitMs, ageMs: 0, bytes: 0 };
}

function file(
  kind: HoldingKind,
  found: Found,
  limitMs: number,
  { root, needed = false }: { root?: string; needed?: boolean } = {},
): Holding {
  const { path, changedAtMs: usedAtMs, bytes } = found;
  return { kind, path, usedAtMs, limitMs, ageMs: 0, bytes, needed, remove: () => removeFile(found, root) };
}

const succeed = (): boolean => true;
const fail = (): boolean => false;
