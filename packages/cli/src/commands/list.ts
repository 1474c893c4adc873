import type { View } from '@errand/planner';
import type { Queue } from '@errand/queue';
import { type Command, Option } from 'commander';
import { addExamples, addJsonOption, addQueueOption, DONE, type Io, type Outcome, type QueueOption } from '../command.ts';
import { connect } from '../connect.ts';
import { look } from '../look.ts';
import { readRecent } from '../recent-results.ts';
import { remark } from '../remark.ts';
import { spellTime } from '../spell.ts';
import { renderEntries } from '../status/entry.ts';
import { listEntry } from '../status/task-entries.ts';
import { describeOpenTasks, isFor, type TaskLine } from '../status-report.ts';
import { availableColumns, oneLine, painter } from '../table.ts';

interface ListOptions extends QueueOption {
  state?: string;
  machine?: string;
  ids?: true;
  json?: true;
}

const OPEN = ['queued', 'waiting', 'running', 'blocked', 'invalid'];
const FINISHED = ['done', 'failed', 'cancelled'];
/** Results have no end: of finished tasks, the newest are listed. */
const MAX_FINISHED = 64;

export function define(command: Command): void {
  command
    .addOption(new Option('--state <state>', 'only tasks in this state').choices([...OPEN, ...FINISHED]))
    .option('--machine <name>', 'only tasks that this machine may run, or ran')
    .option('--ids', 'print ids alone')
    .description(`List the open tasks, one a line; with --state done, failed or cancelled, the newest ${MAX_FINISHED} results.`);
  addJsonOption(addQueueOption(command));
  addExamples(command, [
    ['errand list', 'every open task, and why it is in its state'],
    ['errand list --state waiting --machine pi', 'what waits for pi'],
    ['errand list --state failed --ids', 'ids of what failed lately'],
  ]);
}

export async function run(io: Io, _args: readonly string[], options: ListOptions): Promise<Outcome> {
  const connection = await connect(io, options);
  if (!connection.ok) return connection;
  const { queue } = connection;
  const seen = await look(queue);
  if (!seen.ok) return seen;
  if (seen.away) remark(io, `the remote is away, this is what was last seen: ${seen.away.message}`);
  if (options.machine !== undefined) {
    const { remarkUnknownMachine } = await import('../known-machines.ts');
    const unknown = await remarkUnknownMachine(seen.view, options.machine, connection.machine.machine);
    if (unknown !== null) remark(io, unknown);
  }
  const tasks =
    options.state !== undefined && FINISHED.includes(options.state)
      ? await listFinished(queue, seen.view, options)
      : await listOpen(queue, seen.view, options);
  if (options.json) io.out(`${JSON.stringify({ schema: 1, tasks }, null, 2)}\n`);
  else if (options.ids) io.out(tasks.map(({ id }) => `${oneLine(id)}\n`).join(''));
  else if (tasks.length === 0) remark(io, options.state === undefined ? 'no open tasks' : `no task is ${options.state}`);
  else {
    const entries = tasks.map((task) => listEntry(task, painter(io.colour)));
    io.out(`${renderEntries(entries, availableColumns(io)).join('\n')}\n`);
  }
  return DONE;
}

async function listOpen(queue: Queue, view: View, { state, machine }: ListOptions): Promise<TaskLine[]> {
  const tasks = await describeOpenTasks(queue, view);
  return tasks.filter((task) => (state === undefined || task.state === state) && (machine === undefined || isFor(task, machine)));
}

async function listFinished(queue: Queue, view: View, { state, machine }: ListOptions) {
  const { recent: results } = await readRecent(queue, view, MAX_FINISHED);
  const wanted = results.filter((result) => result.state === state && (machine === undefined || result.worker === machine));
  const { formatCost } = await import('@errand/task');
  return wanted.map((result) => {
    const cost = result.cost_usd === null ? '' : `, ${formatCost({ usd: result.cost_usd, estimated: false })}`;
    return { ...result, reason: `${spellTime(result.finished_at)} on ${result.worker ?? 'nobody'}${cost}: ${result.path}` };
  });
}
