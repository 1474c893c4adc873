import type { Queue } from '@errand/queue';
import type { Io, Outcome } from '../command.ts';
import { fail } from '../failure.ts';
import { plainText } from '../plain-text.ts';
import { remark } from '../remark.ts';
import { hidePassword } from '../remote-failure.ts';
import { AttemptLogs, logFolder } from './attempt-logs.ts';
import { buildEndReport, type EndReport, summarizeEnd } from './end-report.ts';
import { followTask, type TaskEnd } from './follow-task.ts';
import { Interruption } from './interruption.ts';
import { describeNews } from './news-lines.ts';
import { LogRenderer } from './render-log.ts';

/** A task that was filed a moment ago. */
export interface FiledTask {
  id: string;
  title: string;
  /** Its file. */
  content: string;
}

/** Tells on standard error what becomes of a task, until it has ended, and then with `json` on standard output what it came to. */
export async function waitForTask(
  io: Io,
  { queue, stateDir }: { queue: Queue; stateDir: string },
  task: FiledTask,
  { json }: { json: boolean },
): Promise<Outcome> {
  const interruption = new Interruption();
  let id = task.id;
  remark(io, `waiting for ${id}; Ctrl-C ends the waiting, not the task`);
  try {
    for (;;) {
      const progress = await tellProgress(io, queue, { ...task, id }, logFolder(stateDir, id), interruption);
      if (progress.kind === 'renamed') id = progress.id;
      else if (progress.kind === 'interrupted') {
        remark(io, `the waiting is over, the task is not: errand show ${id}`);
        return { ok: true, exitCode: progress.status };
      } else return await tellEnd(io, queue, { id, title: task.title }, progress, json);
    }
  } finally {
    interruption.close();
    await queue.close();
  }
}

type Progress = TaskEnd | { kind: 'renamed'; id: string } | { kind: 'interrupted'; status: NonNullable<Interruption['status']> };

async function tellProgress(
  io: Io,
  queue: Queue,
  { id, content }: FiledTask,
  folder: string,
  interruption: Interruption,
): Promise<Progress> {
  const logs = new AttemptLogs(folder, 'oldest');
  // Standard error may be a terminal also where standard output is none.
  const look = { colour: false, columns: io.columns, terminal: true };
  let log = { nonce: '', renderer: new LogRenderer(look) };
  for await (const news of followTask(queue, { id, filed: content, logs, signal: interruption.signal })) {
    if (news.type === 'log') {
      if (news.nonce !== log.nonce) {
        io.note(log.renderer.finish());
        log = { nonce: news.nonce, renderer: new LogRenderer(look) };
      }
      for (const line of news.lines) io.note(log.renderer.render(line));
      continue;
    }
    const line = describeNews(news);
    if (line !== null) io.note(`${log.renderer.breakLine()}${new Date().toISOString().slice(11, 19)} ${line}\n`);
    if (news.type === 'renamed') return { kind: 'renamed', id: news.id };
    if (news.type === 'ended') {
      io.note(log.renderer.finish());
      return news.end;
    }
  }
  io.note(log.renderer.breakLine());
  return { kind: 'interrupted', status: interruption.status ?? 130 };
}

async function tellEnd(io: Io, queue: Queue, task: { id: string; title: string }, end: TaskEnd, json: boolean): Promise<Outcome> {
  if (end.kind === 'out-of-sight') {
    const message = `the queue ${hidePassword(queue.remote)} could not be read for ${Math.round(end.awayMs / 60_000)} min: ${end.cause.message}`;
    return fail('environment', 'remote-away', message, `The task is filed all the same: errand show ${task.id}.`);
  }
  const report = await buildEndReport(queue, end, task);
  if (json) io.out(`${JSON.stringify(report, null, 2)}\n`);
  else tellAnswer(io, report);
  return report.state === 'done' ? { ok: true } : { ok: true, exitCode: 1 };
}

function tellAnswer(io: Io, report: EndReport): void {
  if (report.answer !== null) io.note(`\n${plainText(report.answer).trimEnd()}\n\n`);
  remark(io, summarizeEnd(report));
}
