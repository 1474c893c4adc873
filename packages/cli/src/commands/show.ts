import type { Command } from 'commander';
import { failByUnknownTask } from '../change.ts';
import { addExamples, addJsonOption, addQueueOption, DONE, type Io, type Outcome, type QueueOption } from '../command.ts';
import { connect } from '../connect.ts';
import { findTaskId, idsOf } from '../find-task-id.ts';
import { look } from '../look.ts';
import { remark } from '../remark.ts';
import { renderTaskReport } from '../render-task-report.ts';
import { availableColumns } from '../table.ts';
import { readTaskId } from '../task-argument.ts';
import { buildTaskReport } from '../task-report.ts';

interface ShowOptions extends QueueOption {
  json?: true;
}

export function define(command: Command): void {
  command
    .argument('<id>', 'the task')
    .description('Show a task: its state and why, its attempts, its text, and its answer once it has finished.');
  addJsonOption(addQueueOption(command));
  addExamples(command, [
    ['errand show fix-login-k3f9', 'also says why it is not running'],
    ["errand show fix-login-k3f9 --json | jq -r '.result.answer'", 'the answer alone'],
  ]);
}

export async function run(io: Io, [given = '']: readonly string[], options: ShowOptions): Promise<Outcome> {
  const connection = await connect(io, options);
  if (!connection.ok) return connection;
  const { queue } = connection;
  const seen = await look(queue);
  if (!seen.ok) return seen;
  if (seen.away) remark(io, `the remote is away, this is what was last seen: ${seen.away.message}`);
  const pending = await queue.outbox.pending();
  const found = findTaskId(readTaskId(given), [...idsOf(seen.view), ...pending.map((entry) => entry.id)]);
  if (!found.ok) return found;
  const { id } = found;
  const unsent = pending.find((entry) => entry.id === id);
  const report = await buildTaskReport(queue, seen.view, id, unsent);
  if (!report) return failByUnknownTask(seen.view, id);
  io.out(
    options.json
      ? `${JSON.stringify(report, null, 2)}\n`
      : renderTaskReport(report, { colour: io.colour, columns: availableColumns(io) }),
  );
  return DONE;
}
