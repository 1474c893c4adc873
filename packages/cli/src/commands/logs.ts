import type { View } from '@errand/planner';
import type { Queue } from '@errand/queue';
import type { Command } from 'commander';
import { failByUnknownTask } from '../change.ts';
import { addExamples, addQueueOption, DONE, type Io, type Outcome, type QueueOption } from '../command.ts';
import { connect } from '../connect.ts';
import { type Failure, fail } from '../failure.ts';
import { listLogs, logFolder, readLog } from '../follow/attempt-logs.ts';
import { look } from '../look.ts';
import { readWholeNumber } from '../task-options.ts';

interface LogsOptions extends QueueOption {
  follow?: true;
  raw?: true;
  attempt?: number;
}

export function define(command: Command): void {
  command
    .argument('<id>', 'the task')
    .option('-f, --follow', 'go on with what comes, over all attempts on this machine, until the task has ended')
    .option('--raw', 'the lines of the log as they stand, one event in JSON each')
    .option('--attempt <n>', 'another attempt than the last one', readWholeNumber)
    .description('Show what an attempt on this machine said and did. Works without the remote.');
  addQueueOption(command);
  addExamples(command, [
    ['errand logs fix-login-k3f9', 'the last attempt'],
    ['errand logs -f fix-login-k3f9', 'what it does now; ends as the task ends'],
    ['errand logs fix-login-k3f9 --raw | jq -r \'select(.type == "says").text\'', 'for programs'],
  ]);
}

export async function run(io: Io, [id = '']: readonly string[], options: LogsOptions): Promise<Outcome> {
  const { isTaskId } = await import('@errand/task');
  if (!isTaskId(id)) return fail('usage', 'bad-id', `${JSON.stringify(id)} is not a task id`, 'See errand list.');
  const connection = await connect(io, options);
  if (!connection.ok) return connection;
  const { queue, stateDir } = connection;
  const me = connection.machine.machine;
  const folder = logFolder(stateDir, id);
  const chosen = await chooseLog(queue, { id, me, folder, options });
  if (!chosen.ok) return chosen;
  const { LogWriter } = await import('../follow/log-writer.ts');
  const writer = new LogWriter(io, options.raw ?? false);
  if (options.follow) {
    const { followLogs } = await import('../follow/follow-logs.ts');
    const { attempt } = options;
    const only = attempt === undefined || chosen.nonce === null ? null : { attempt, nonce: chosen.nonce };
    return followLogs(io, queue, { id, me, folder, only, writer });
  }
  if (chosen.nonce !== null) for await (const lines of readLog(folder, chosen.nonce)) writer.write(lines);
  writer.finish();
  return DONE;
}

interface Wanted {
  id: string;
  /** This machine. */
  me: string;
  folder: string;
  options: LogsOptions;
}

type Chosen = { ok: true; nonce: string | null } | { ok: false; failure: Failure };

/** The log to begin with; null where somebody who follows waits for the first one. */
async function chooseLog(queue: Queue, { id, me, folder, options }: Wanted): Promise<Chosen> {
  const newest = (await listLogs(folder)).at(-1) ?? null;
  if (newest !== null && options.attempt === undefined) return { ok: true, nonce: newest };
  const seen = await look(queue);
  if (!seen.ok) return seen;
  const { view } = seen;
  if (options.attempt === undefined) {
    const mayComeHere = view.tasks.has(id) && !view.results.has(id) && [null, me].includes(runsOn(view, id));
    return options.follow && mayComeHere ? { ok: true, nonce: null } : explainAbsence(queue, view, id, me);
  }
  const { findAttemptLog } = await import('../follow/find-attempt-log.ts');
  const nonce = await findAttemptLog(queue, view, { id, attempt: options.attempt, me, folder });
  return nonce === null ? explainAbsence(queue, view, id, me, options.attempt) : { ok: true, nonce };
}

/** Who has claimed the task. */
function runsOn(view: View, id: string): string | null {
  const record = view.records.get(id)?.value;
  return record === undefined || record.state === 'waiting' ? null : record.worker;
}

/** Where the attempts were, as far as the queue knows. */
async function explainAbsence(
  queue: Queue,
  view: View,
  id: string,
  me: string,
  attempt?: number,
): Promise<{ ok: false; failure: Failure }> {
  const { buildTaskReport } = await import('../task-report.ts');
  const unsent = (await queue.outbox.pending()).find((entry) => entry.id === id);
  const report = await buildTaskReport(queue, view, id, unsent);
  if (!report) return failByUnknownTask(view, id);
  const which = attempt === undefined ? 'no attempt' : `no attempt ${attempt}`;
  const message = `there is no log of ${id} on this machine (${me}): ${which} has left one here`;
  const ran = report.attempts.filter((entry) => attempt === undefined || entry.attempt === attempt);
  const machines = [...new Set([...ran.map(({ worker }) => worker), ...(report.worker === null ? [] : [report.worker])])];
  const elsewhere = machines.filter((machine) => machine !== me);
  const hint =
    elsewhere.length > 0
      ? `It ${report.state === 'running' ? 'runs' : 'ran'} on ${elsewhere.join(', ')}: run errand logs ${id} there.`
      : `It is ${report.state}: ${report.reason}`;
  return fail('usage', 'no-log', message, hint);
}
