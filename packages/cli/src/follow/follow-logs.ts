import type { Queue } from '@errand/queue';
import type { Io, Outcome } from '../command.ts';
import { fail } from '../failure.ts';
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
}

/** Writes the logs of a task as they grow, until the task has ended, or the only attempt has. What happens elsewhere is told on standard error. */
export async function followLogs(io: Io, queue: Queue, { id, me, folder, only, writer }: LogFollowing): Promise<Outcome> {
  const interruption = new Interruption();
  const logs = new AttemptLogs(folder, only === null ? 'newest' : { only: only.nonce });
  try {
    for await (const news of followTask(queue, { id, logs, signal: interruption.signal })) {
      if (news.type === 'log') writer.write(news);
      else if (only !== null && news.type === 'state' && !(news.task.state === 'running' && news.task.attempt === only.attempt)) {
        writer.finish();
        return { ok: true };
      } else if (news.type === 'ended') {
        writer.finish();
        return await readEnd(queue, id, news.end);
      } else tellElsewhere(io, news, me);
    }
    writer.finish();
    return { ok: true, exitCode: interruption.status ?? 130 };
  } finally {
    interruption.close();
    await queue.close();
  }
}

/** What runs here is told by its log. */
function tellElsewhere(io: Io, news: TaskNews, me: string): void {
  if (news.type === 'state' && news.task.state === 'running' && news.task.worker === me) return;
  const line = describeNews(news);
  if (line !== null) io.note(`errand: ${line}\n`);
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
