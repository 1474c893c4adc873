import type { PathChange } from '@errand/queue';
import type { Command } from 'commander';
import { announce } from '../announce.ts';
import { commitChange, failByUnknownTask, nameIds } from '../change.ts';
import { addExamples, addJsonOption, addQueueOption, DONE, type Io, type Outcome, type QueueOption } from '../command.ts';
import { connect } from '../connect.ts';
import { fail } from '../failure.ts';

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

export async function run(io: Io, ids: readonly string[], options: CancelOptions): Promise<Outcome> {
  const connection = await connect(io, options);
  if (!connection.ok) return connection;
  const { queue } = connection;
  let running: string[] = [];
  const changed = await commitChange(queue, async (view) => {
    const changes: PathChange[] = [];
    running = [];
    for (const id of new Set(ids)) {
      const task = view.tasks.get(id);
      if (view.results.has(id)) return fail('usage', 'already-finished', `${id} has finished already`, `See errand show ${id}.`);
      if (!task) return failByUnknownTask(view, id);
      if (view.records.get(id)?.value.state === 'claimed') running.push(id);
      changes.push({ path: task.path, blob: null });
    }
    return { ok: true, changes, subject: `cancel: ${nameIds([...new Set(ids)])}` };
  });
  if (!changed.ok) return changed;
  await announce(io, connection.machine, queue);
  if (options.json)
    io.out(`${JSON.stringify({ schema: 1, cancelled: [...new Set(ids)], running, commit: changed.commit }, null, 2)}\n`);
  else
    for (const id of new Set(ids))
      io.out(`${id}: cancelled${running.includes(id) ? '; its attempt is ended by its worker' : ''}\n`);
  return DONE;
}
