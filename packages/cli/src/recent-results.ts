import type { ResultFile, View } from '@errand/planner';
import type { Queue } from '@errand/queue';
import type { ResultHead, Tier } from '@errand/task';

/** One line of what finished lately. */
export interface RecentResult {
  id: string;
  path: string;
  state: ResultHead['state'];
  /** ISO 8601, UTC. */
  finished_at: string;
  worker: string | null;
  tier: Tier | null;
  /** Of all attempts that say theirs. */
  cost_usd: number | null;
}

/** Of one day, at most so many files are read. */
const MAX_READ = 64;
const TIDIED_MS = 7 * 24 * 60 * 60 * 1000;
const DAY_END = 'results/YYYY-MM-DD'.length;

/** The newest results, newest first, and the blob of the task file that each result read on the way is about, by id. */
export async function readRecent(
  queue: Queue,
  view: View,
  count: number,
): Promise<{ recent: RecentResult[]; ran: ReadonlyMap<string, string> }> {
  const picked = new Set([...pickNewest(view.results, count), ...pickReused(queue, view)]);
  const heads = await readHeads(queue, [...picked]);
  const lines = heads.map(({ id, path, head }) => describeHead(id, path, head));
  const newest = lines.sort((a, b) => (a.finished_at < b.finished_at ? 1 : a.finished_at > b.finished_at ? -1 : 0));
  const ran = new Map(heads.flatMap(({ id, head }) => (head.task ? [[id, head.task]] : [])));
  return { recent: newest.slice(0, count), ran };
}

/**
 * The results of the last days that have `count` of them together. On a day with very many, only a file itself tells when it
 * finished; the view has them in the order of the folder, and the last ones of it must do.
 */
function pickNewest(results: View['results'], count: number): ResultFile[] {
  const byDay = new Map<string, ResultFile[]>();
  for (const file of results.values()) {
    const day = file.path.slice(0, DAY_END);
    const files = byDay.get(day);
    if (files) files.push(file);
    else byDay.set(day, [file]);
  }
  const picked: ResultFile[] = [];
  for (const day of [...byDay.keys()].sort().reverse()) {
    picked.push(...(byDay.get(day) ?? []).slice(-MAX_READ));
    if (picked.length >= count) break;
  }
  return picked;
}

/**
 * Old results beside which there is a task file again: the old one was tidied away, so this is most likely another text. With
 * tidying off, or no worker to do it, there are thousands that are nothing of the kind; then it is left to the worker to tell.
 */
function pickReused({ config: { tidy } }: Queue, view: View): ResultFile[] {
  const before = new Date(Date.now() - (tidy === 'never' ? TIDIED_MS : tidy)).toISOString().slice(0, 'YYYY-MM-DD'.length);
  const old = [...view.tasks.keys()].flatMap((id) => {
    const file = view.results.get(id);
    return file && file.path.slice('results/'.length, DAY_END) < before ? [file] : [];
  });
  return old.length > MAX_READ ? [] : old;
}

/** The heads of these results; files that nobody can read are left out. */
async function readHeads(queue: Queue, files: readonly ResultFile[]): Promise<{ id: string; path: string; head: ResultHead }[]> {
  const { readResultHead } = await import('@errand/task');
  const missing: string[] = [];
  for (const { blob } of files) if ((await queue.port.read(blob)) === null) missing.push(blob);
  if (missing.length > 0) await queue.port.fetchBlobs(missing);
  const heads: { id: string; path: string; head: ResultHead }[] = [];
  for (const { id, path, blob } of files) {
    const object = await queue.port.read(blob);
    const head = object ? readResultHead(path, object.content.toString('utf8')) : null;
    if (head?.ok) heads.push({ id, path, head: head.value });
  }
  return heads;
}

function describeHead(id: string, path: string, { state, finished_at, attempts }: ResultHead): RecentResult {
  const last = attempts.at(-1);
  const costs = attempts.flatMap(({ cost_usd }) => cost_usd ?? []);
  const cost_usd = costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0);
  return { id, path, state, finished_at, worker: last?.worker ?? null, tier: last?.tier ?? null, cost_usd };
}
