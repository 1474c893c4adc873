import type { View } from '@errand/planner';
import { type Queue, readBlob } from '@errand/queue';
import { type AttemptEntry, parseResult } from '@errand/task';
import { listLogs, readLog } from './attempt-logs.ts';
import { parseLogLine } from './log-event.ts';

interface WantedAttempt {
  id: string;
  attempt: number;
  /** This machine. */
  me: string;
  folder: string;
}

/** Logs and history are stamped by one clock, but not at one instant, milliseconds. */
const LEEWAY_MS = 1_000;

/**
 * The nonce of a task's n-th attempt, where this machine has its log; else null. The queue keeps the nonce of the last attempt
 * alone: earlier ones are found by when they ran.
 */
export async function findAttemptLog(queue: Queue, view: View, wanted: WantedAttempt): Promise<string | null> {
  const { id, attempt, me, folder } = wanted;
  const logs = await listLogs(folder);
  const record = view.records.get(id)?.value;
  const result = await readResultOf(queue, view, id);
  const last = result?.attempts.at(-1);
  if (result && last?.attempt === attempt && logs.includes(result.nonce)) return result.nonce;
  if (record && record.state !== 'waiting' && record.attempt === attempt && logs.includes(record.nonce)) return record.nonce;
  const entries = (result?.attempts ?? record?.attempts ?? []).filter(({ worker }) => worker === me);
  const starts = await Promise.all(logs.map(async (nonce) => ({ nonce, startedMs: await readStart(folder, nonce) })));
  return matchLogs(entries, starts).get(attempt) ?? null;
}

/** Each attempt's log by its number: the last that began while it ran and belongs to no earlier one. */
export function matchLogs(
  entries: readonly AttemptEntry[],
  logs: readonly { nonce: string; startedMs: number }[],
): Map<number, string> {
  const found = new Map<number, string>();
  let left = [...logs];
  for (const { attempt, started_at, ended_at, count = 1 } of [...entries].sort((a, b) => a.attempt - b.attempt)) {
    const fromMs = Date.parse(started_at ?? '') - LEEWAY_MS;
    const toMs = Date.parse(ended_at) + LEEWAY_MS;
    const own = left.filter(({ startedMs }) => startedMs >= fromMs && startedMs <= toMs).slice(0, count);
    const last = own.at(-1);
    if (last === undefined) continue;
    found.set(attempt, last.nonce);
    left = left.slice(left.indexOf(last) + 1);
  }
  return found;
}

async function readResultOf(queue: Queue, view: View, id: string) {
  const file = view.results.get(id);
  const content = file ? await readBlob(queue.port, file.blob) : null;
  const parsed = file && content ? parseResult(file.path, content.toString('utf8')) : null;
  return parsed?.ok ? parsed.value : null;
}

/** When the first event of a log happened, wall clock in milliseconds; NaN where it does not say. */
async function readStart(folder: string, nonce: string): Promise<number> {
  for await (const { lines } of readLog(folder, nonce)) return Date.parse(parseLogLine(lines[0] ?? '')?.at ?? '');
  return Number.NaN;
}
