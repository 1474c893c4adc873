import type { View } from '@errand/planner';
import type { Queue } from '@errand/queue';
import type { Command } from 'commander';
import { failByUnknownTask } from '../change.ts';
import { addExamples, addQueueOption, DONE, type Io, type Outcome, type QueueOption } from '../command.ts';
import { connect } from '../connect.ts';
import { type Failure, fail } from '../failure.ts';
import { findTaskId, idsOf, tellTaken } from '../find-task-id.ts';
import { listLogs, logFolder, readLog } from '../follow/attempt-logs.ts';
import { look } from '../look.ts';
import type { SshTarget } from '../reach/ssh-arguments.ts';
import { count } from '../spell.ts';
import { readTaskId } from '../task-argument.ts';
import { readWholeNumber } from '../task-options.ts';
import type { TaskReport } from '../task-report.ts';

interface LogsOptions extends QueueOption {
  follow?: true;
  raw?: true;
  attempt?: number;
  here?: true;
}

export function define(command: Command): void {
  command
    .argument('<id>', 'the task')
    .option('-f, --follow', 'go on with what comes, over all attempts there, until the task has ended')
    .option('--raw', 'the lines of the log as they stand, one event in JSON each')
    .option('--attempt <n>', 'another attempt than the last one', readWholeNumber)
    .option('--here', 'only what this machine has, even if the attempt ran on another one')
    .description(
      'Show what an attempt said and did. What this machine has is shown without asking anybody; ' +
        'else it is fetched over ssh from the machine that ran the attempt, if config/errand.yaml lists its address.',
    );
  addQueueOption(command);
  addExamples(command, [
    ['errand logs fix-login-k3f9', 'the last attempt'],
    ['errand logs -f fix-login-k3f9', 'what it does now; ends as the task ends'],
    ['errand logs fix-login-k3f9 --raw | jq -r \'select(.type == "says").text\'', 'for programs'],
  ]);
}

export async function run(io: Io, [given = '']: readonly string[], options: LogsOptions): Promise<Outcome> {
  const named = readTaskId(given);
  const { isTaskId } = await import('@errand/task');
  if (!isTaskId(named)) return fail('usage', 'bad-id', `${JSON.stringify(named)} is not a task id`, 'See errand list.');
  const connection = await connect(io, options);
  if (!connection.ok) return connection;
  const { queue, stateDir } = connection;
  const found = await findLogTask(queue, stateDir, named);
  if (!found.ok) return found;
  const { id } = found;
  tellTaken(io, named, id);
  const me = connection.machine.machine;
  const folder = logFolder(stateDir, id);
  const chosen = await chooseLog(queue, { id, me, folder, options });
  if (!chosen.ok) return chosen;
  const { LogWriter } = await import('../follow/log-writer.ts');
  const writer = new LogWriter(io, options.raw ?? false);
  const { attempt, follow = false } = options;
  if ('target' in chosen) {
    const { showLogsFrom } = await import('../follow/logs-elsewhere.ts');
    await queue.close();
    const shown = await showLogsFrom(io, chosen.target, { id, follow, attempt, writer });
    return shown.ok ? shown.outcome : { ok: false, failure: shown.failure };
  }
  const remark = async (): Promise<void> => {
    if (attempt !== undefined || chosen.nonce === null) return;
    const { describeLaterAttempt } = await import('../follow/describe-later-attempt.ts');
    const later = await describeLaterAttempt(queue, id, me);
    if (later !== null) io.note(`errand: ${later}\n`);
  };
  if (follow) {
    await remark();
    const { followLogs } = await import('../follow/follow-logs.ts');
    const only = attempt === undefined || chosen.nonce === null ? null : { attempt, nonce: chosen.nonce };
    return followLogs(io, queue, { id, me, folder, only, writer, stayHere: options.here ?? false });
  }
  if (chosen.nonce !== null) for await (const lines of readLog(folder, chosen.nonce)) writer.write(lines);
  writer.finish();
  // Below the log, where it is seen.
  await remark();
  return DONE;
}

/** The task whose logs are meant. Nobody is asked where this machine has a log of it, or has seen it. */
async function findLogTask(
  queue: Queue,
  stateDir: string,
  named: string,
): Promise<{ ok: true; id: string } | { ok: false; failure: Failure }> {
  if ((await listLogs(logFolder(stateDir, named))).length > 0) return { ok: true, id: named };
  const last = await queue.readLastView();
  if (last?.tasks.has(named) || last?.results.has(named)) return { ok: true, id: named };
  const seen = await look(queue);
  return seen.ok ? findTaskId(named, idsOf(seen.view)) : seen;
}

interface Wanted {
  id: string;
  /** This machine. */
  me: string;
  folder: string;
  options: LogsOptions;
}

type Chosen = { ok: true; nonce: string | null } | { ok: true; target: SshTarget } | { ok: false; failure: Failure };

/** The log to begin with, or the machine that has it; null where somebody who follows waits for the first one. */
async function chooseLog(queue: Queue, wanted: Wanted): Promise<Chosen> {
  const { id, me, folder, options } = wanted;
  const newest = (await listLogs(folder)).at(-1) ?? null;
  if (newest !== null && options.attempt === undefined) return { ok: true, nonce: newest };
  const seen = await look(queue);
  if (!seen.ok) return seen;
  const { view } = seen;
  if (options.attempt === undefined) {
    const mayComeHere = view.tasks.has(id) && !view.results.has(id) && [null, me].includes(runsOn(view, id));
    return options.follow && mayComeHere ? { ok: true, nonce: null } : lookElsewhere(queue, view, wanted);
  }
  const { findAttemptLog } = await import('../follow/find-attempt-log.ts');
  const nonce = await findAttemptLog(queue, view, { id, attempt: options.attempt, me, folder });
  return nonce === null ? lookElsewhere(queue, view, wanted) : { ok: true, nonce };
}

/** Who has claimed the task. */
function runsOn(view: View, id: string): string | null {
  const record = view.records.get(id)?.value;
  return record === undefined || record.state === 'waiting' ? null : record.worker;
}

/** Where the attempts were, as far as the queue knows, and the way there. */
async function lookElsewhere(queue: Queue, view: View, { id, me, options: { attempt, here } }: Wanted): Promise<Chosen> {
  const { buildTaskReport } = await import('../task-report.ts');
  const unsent = (await queue.outbox.pending()).find((entry) => entry.id === id);
  const report = await buildTaskReport(queue, view, id, unsent);
  if (!report) return failByUnknownTask(view, id);
  const ran = report.attempts.filter((entry) => attempt === undefined || entry.attempt === attempt);
  const machines = ran.map((entry) => entry.worker);
  const record = view.records.get(id)?.value;
  if (record && record.state !== 'waiting' && (attempt ?? record.attempt) === record.attempt) machines.push(record.worker);
  if (attempt !== undefined && machines.length === 0 && report.attempts.length > 0) {
    const now = record && record.state !== 'waiting' ? record.attempt : 0;
    const most = Math.max(now, ...report.attempts.map((entry) => entry.attempt));
    const message = `there is no attempt ${attempt} of ${id}: it had ${count(most, 'attempt')}`;
    return fail('usage', 'no-attempt', message, `errand show ${id} lists them.`);
  }
  const last = machines.at(-1);
  const elsewhere = [...new Set(machines)].filter((machine) => machine !== me);
  if (last !== undefined && last !== me && here !== true) {
    const { findLogHost } = await import('../follow/logs-elsewhere.ts');
    const target = await findLogHost(view, last, me);
    if (target !== null) return { ok: true, target };
  }
  const which = attempt === undefined ? 'no attempt' : `no attempt ${attempt}`;
  const message = `there is no log of ${id} on this machine (${me}): ${which} has left one here`;
  return fail('usage', 'no-log', message, hintAt(elsewhere, report, here ?? false));
}

function hintAt(elsewhere: readonly string[], { id, state, reason }: TaskReport, here: boolean): string {
  const machine = elsewhere.at(-1);
  if (machine === undefined) return `It is ${state}: ${reason}`;
  const verb = state === 'running' ? 'runs' : 'ran';
  const way = here ? 'leave out --here' : `add machines.${machine}.address to config/errand.yaml, and it is fetched from there`;
  return `It ${verb} on ${elsewhere.join(', ')}: run errand logs ${id} there, or ${way}.`;
}
