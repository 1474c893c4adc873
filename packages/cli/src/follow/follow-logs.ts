import type { View } from '@errand/planner';
import type { Queue } from '@errand/queue';
import type { Io, Outcome } from '../command.ts';
import { describeFailure, fail } from '../failure.ts';
import { remark } from '../remark.ts';
import { hidePassword } from '../remote-failure.ts';
import { buildTaskReport } from '../task-report.ts';
import { AttemptLogs } from './attempt-logs.ts';
import { followTask, type TaskEnd, type TaskNews } from './follow-task.ts';
import { Interruption } from './interruption.ts';
import type { LogWriter } from './log-writer.ts';
import { describeNews } from './news-lines.ts';

interface LogFollowing {
  id: string;
  /** This machine. */
  me: string;
  folder: string;
  /** The only attempt to follow; null for the newest and those after it. */
  only: { attempt: number; nonce: string } | null;
  writer: LogWriter;
  /** What runs elsewhere is only told of. */
  stayHere: boolean;
}

/**
 * Writes the logs of a task as they grow, until the task has ended, or the only attempt has. An attempt on another machine is
 * followed there, where the queue's file lists an address for it; else it is told of on standard error.
 */
export async function followLogs(io: Io, queue: Queue, options: LogFollowing): Promise<Outcome> {
  const { id, me, folder, only, writer, stayHere } = options;
  const interruption = new Interruption();
  const unreachable = new Set<string>();
  let shown = false;
  const logs = new AttemptLogs(folder, only === null ? 'newest' : { only: only.nonce });
  try {
    for await (const news of followTask(queue, { id, logs, signal: interruption.signal })) {
      if (news.type === 'log') {
        shown = true;
        writer.write(news);
      } else if (
        only !== null &&
        news.type === 'state' &&
        !(news.task.state === 'running' && news.task.attempt === only.attempt)
      ) {
        writer.finish();
        return { ok: true };
      } else if (news.type === 'ended') {
        writer.finish();
        // It was over before anybody saw it run.
        if (!shown && !stayHere && news.end.kind === 'finished') await showFromWhereItRan(io, queue, options, news.end.view);
        return await readEnd(queue, id, news.end);
      } else {
        tellElsewhere(io, news, me);
        if (news.type !== 'state' || stayHere || news.task.worker === me || news.task.state !== 'running') continue;
        const there = await followThere(io, queue, options, news.task.worker, unreachable);
        if (there !== null) return there;
      }
    }
    writer.finish();
    return { ok: true, exitCode: interruption.status ?? 130 };
  } finally {
    interruption.close();
    await queue.close();
  }
}

/** Goes on with the logs of the machine that runs the task now; null where they cannot be had, which is told once. */
async function followThere(
  io: Io,
  queue: Queue,
  { id, me, writer }: LogFollowing,
  worker: string | null,
  unreachable: Set<string>,
): Promise<Outcome | null> {
  if (worker === null || unreachable.has(worker)) return null;
  unreachable.add(worker);
  const { findLogHost, showLogsFrom } = await import('./logs-elsewhere.ts');
  const view = await queue.readLastView();
  const target = view === null ? null : await findLogHost(view, worker, me);
  if (target === null) return null;
  writer.finish();
  const shown = await showLogsFrom(io, target, { id, follow: true, attempt: undefined, writer });
  if (shown.ok) return shown.outcome;
  if (shown.started) return { ok: false, failure: shown.failure };
  io.note(describeFailure(shown.failure));
  return null;
}

async function showFromWhereItRan(io: Io, queue: Queue, { id, me, writer }: LogFollowing, view: View): Promise<void> {
  const worker = (await buildTaskReport(queue, view, id))?.worker ?? me;
  if (worker === me) return;
  const { findLogHost, showLogsFrom } = await import('./logs-elsewhere.ts');
  const target = await findLogHost(view, worker, me);
  if (target === null) return;
  const fetched = await showLogsFrom(io, target, { id, follow: false, attempt: undefined, writer });
  if (!fetched.ok) io.note(describeFailure(fetched.failure));
}

/** What runs here is told by its log. */
function tellElsewhere(io: Io, news: TaskNews, me: string): void {
  if (news.type === 'state' && news.task.state === 'running' && news.task.worker === me) return;
  const line = describeNews(news);
  if (line !== null) remark(io, line);
}

async function readEnd(queue: Queue, id: string, end: TaskEnd): Promise<Outcome> {
  switch (end.kind) {
    case 'finished': {
      const report = await buildTaskReport(queue, end.view, id);
      return report?.result?.state === 'done' ? { ok: true } : { ok: true, exitCode: 1 };
    }
    case 'removed':
      return end.last === null ? { ok: true } : { ok: true, exitCode: 1 };
    case 'out-of-sight':
      return fail(
        'environment',
        'remote-away',
        `the queue ${hidePassword(queue.remote)} could not be read for ${Math.round(end.awayMs / 60_000)} min: ${end.cause.message}`,
        'Nobody here knows what became of the task. Check the network, then try again.',
      );
  }
}
