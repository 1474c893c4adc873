import type { Command } from 'commander';
import { announce } from '../announce.ts';
import {
  commitChange,
  failByUnknownTask,
  type Meant,
  nameIds,
  planEach,
  type Refused,
  refusedJson,
  tellMeant,
  tellRefused,
} from '../change.ts';
import { addExamples, addJsonOption, addQueueOption, type Io, type Outcome, type QueueOption } from '../command.ts';
import { connect } from '../connect.ts';
import { fail } from '../failure.ts';
import { oneLine } from '../table.ts';
import { readTaskId } from '../task-argument.ts';

interface CancelOptions extends QueueOption {
  json?: true;
}

export function define(command: Command): void {
  command
    .argument('<id...>', 'tasks to cancel')
    .description('Cancel tasks: their files are removed from the queue. An attempt that runs is ended.');
  addJsonOption(addQueueOption(command));
  addExamples(command, [
    ['errand cancel fix-login-k3f9', 'one task'],
    ['errand cancel $(errand list --state waiting --ids)', 'all that wait'],
  ]);
}

export async function run(io: Io, given: readonly string[], options: CancelOptions): Promise<Outcome> {
  const named = [...new Set(given.map(readTaskId))];
  const connection = await connect(io, options);
  if (!connection.ok) return connection;
  const { queue } = connection;
  let running: string[] = [];
  let done: Meant[] = [];
  let refused: Refused[] = [];
  const changed = await commitChange(queue, async (view) => {
    const planned = await planEach(view, named, 'nothing was cancelled', async (id) => {
      const task = view.tasks.get(id);
      if (view.results.has(id)) return fail('usage', 'already-finished', `${id} has finished already`, `See errand show ${id}.`);
      if (!task) return failByUnknownTask(view, id);
      return { ok: true, changes: [{ path: task.path, blob: null }] };
    });
    if (!planned.ok) return planned;
    ({ done, refused } = planned);
    const ids = done.map(({ id }) => id);
    running = ids.filter((id) => view.records.get(id)?.value.state === 'claimed');
    return { ok: true, changes: planned.changes, subject: `cancel: ${nameIds(ids)}` };
  });
  if (!changed.ok) return changed;
  await announce(io, connection.machine, queue);
  tellMeant(io, done);
  const cancelled = done.map(({ id }) => id);
  if (options.json) {
    const report = { schema: 1, cancelled, running, refused: refusedJson(refused), commit: changed.commit };
    io.out(`${JSON.stringify(report, null, 2)}\n`);
  } else
    for (const id of cancelled)
      io.out(`${oneLine(id)}: cancelled${running.includes(id) ? '; its attempt is ended by its worker' : ''}\n`);
  return tellRefused(io, refused);
}
