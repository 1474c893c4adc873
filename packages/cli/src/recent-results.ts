import type { ResultFile, View } from '@errand/planner';
import type { Queue } from '@errand/queue';
import { type ResultDigest, ResultDigests } from './status/result-digests.ts';
import { type Spend, sumSpend } from './status/spend.ts';

/** One line of what finished lately. */
export interface RecentResult extends Pick<ResultDigest, 'state' | 'finished_at' | 'worker' | 'agent' | 'tier' | 'cost_usd'> {
  id: string;
  path: string;
}

/** What is known of the results that a report is about. */
export interface RecentResults {
  /** The newest, newest first. */
  recent: RecentResult[];
  /** The blob of the task file that each result read on the way is about, by id. */
  ran: ReadonlyMap<string, string>;
  /** What was spent today. */
  spend: Spend;
}

/** Of one day, at most so many files are read where they are not needed for what was spent. */
const MAX_READ = 64;
const TIDIED_MS = 7 * 24 * 60 * 60 * 1000;
const DAY_START = 'results/'.length;
const DAY_END = 'results/YYYY-MM-DD'.length;

/** Reads all results of today (UTC) and of the last days as many as `count` needs. */
export async function readRecent(queue: Queue, view: View, count: number, nowMs = Date.now()): Promise<RecentResults> {
  const today = new Date(nowMs).toISOString().slice(0, 'YYYY-MM-DD'.length);
  const byDay = groupByDay(view.results);
  // A machine whose clock is ahead records into tomorrow what ended today.
  const ofToday = [...byDay].flatMap(([day, files]) => (day >= today ? files : []));
  const picked = [...new Set([...ofToday, ...pickNewest(byDay, count), ...pickReused(queue, view, nowMs)])];
  const digests = await ResultDigests.open(queue);
  const read = await digests.read(picked);
  await digests.save();
  const found = picked.flatMap((file) => {
    const digest = read.get(file.blob);
    return digest ? [{ file, digest }] : [];
  });
  const lines = found.map(({ file: { id, path }, digest: { state, finished_at, worker, agent, tier, cost_usd } }) => {
    return { id, path, state, finished_at, worker, agent, tier, cost_usd };
  });
  const newest = lines.sort((a, b) => (a.finished_at < b.finished_at ? 1 : a.finished_at > b.finished_at ? -1 : 0));
  const isMissing = ofToday.some(({ blob }) => !read.get(blob));
  const spend = sumSpend(
    today,
    found.map(({ digest }) => digest),
    view,
    isMissing,
  );
  return { recent: newest.slice(0, count), ran: new Map(found.map(({ file, digest }) => [file.id, digest.task])), spend };
}

function groupByDay(results: View['results']): Map<string, ResultFile[]> {
  const byDay = new Map<string, ResultFile[]>();
  for (const file of results.values()) {
    const day = file.path.slice(DAY_START, DAY_END);
    const files = byDay.get(day);
    if (files) files.push(file);
    else byDay.set(day, [file]);
  }
  return byDay;
}

/**
 * The results of the last days that have `count` of them together. On a day with very many, only a file itself tells when it
 * finished; the view has them in the order of the folder, and the last ones of it must do.
 */
function pickNewest(byDay: ReadonlyMap<string, ResultFile[]>, count: number): ResultFile[] {
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
function pickReused({ config: { tidy } }: Queue, view: View, nowMs: number): ResultFile[] {
  const before = new Date(nowMs - (tidy === 'never' ? TIDIED_MS : tidy)).toISOString().slice(0, 'YYYY-MM-DD'.length);
  const old = [...view.tasks.keys()].flatMap((id) => {
    const file = view.results.get(id);
    return file && file.path.slice(DAY_START, DAY_END) < before ? [file] : [];
  });
  return old.length > MAX_READ ? [] : old;
}
