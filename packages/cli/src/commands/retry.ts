import type { View } from '@errand/planner';
import type { PathChange, Queue } from '@errand/queue';
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
import { type Failure, fail } from '../failure.ts';
import { oneLine } from '../table.ts';
import { readTaskId } from '../task-argument.ts';

interface RetryOptions extends QueueOption {
  json?: true;
}

export function define(command: Command): void {
  command
    .argument('<id...>', 'tasks to run again')
    .description('Run tasks again. A finished one loses its result; one that waits for another try starts from zero.');
  addJsonOption(addQueueOption(command));
  addExamples(command, [
    ['errand retry fix-login-k3f9', 'run it once more'],
    ['errand retry $(errand list --state failed --ids)', 'everything that failed lately'],
  ]);
}

export async function run(io: Io, given: readonly string[], options: RetryOptions): Promise<Outcome> {
  const named = [...new Set(given.map(readTaskId))];
  const connection = await connect(io, options);
  if (!connection.ok) return connection;
  const { queue } = connection;
  let done: Meant[] = [];
  let refused: Refused[] = [];
  const changed = await commitChange(queue, async (view) => {
    const planned = await planEach(view, named, 'nothing runs again', (id) => planRetry(queue, view, id));
    if (!planned.ok) return planned;
    ({ done, refused } = planned);
    return { ok: true, changes: planned.changes, subject: `retry: ${nameIds(done.map(({ id }) => id))}` };
  });
  if (!changed.ok) return changed;
  await announce(io, connection.machine, queue);
  tellMeant(io, done);
  const retried = done.map(({ id }) => id);
  if (options.json) {
    const report = { schema: 1, retried, refused: refusedJson(refused), commit: changed.commit };
    io.out(`${JSON.stringify(report, null, 2)}\n`);
  } else for (const id of retried) io.out(`${oneLine(id)}: runs again\n`);
  return tellRefused(io, refused);
}

type Planned = { ok: true; changes: PathChange[] } | { ok: false; failure: Failure };

async function planRetry(queue: Queue, view: View, id: string): Promise<Planned> {
  const task = view.tasks.get(id);
  const result = view.results.get(id);
  if (!result) return task ? restart(queue, view, id, task.path, task.blob) : failByUnknownTask(view, id);
  const changes: PathChange[] = [{ path: result.path, blob: null }];
  if (task) return { ok: true, changes };
  const { readBlob } = await import('@errand/queue');
  const { parseResult, taskPath } = await import('@errand/task');
  const content = await readBlob(queue.port, result.blob);
  const parsed = content === null ? null : parseResult(result.path, content.toString('utf8'));
  if (!parsed?.ok || parsed.value.taskText === '') {
    return fail(
      'usage',
      'no-task-text',
      `the task file of ${id} is gone, and ${result.path} does not hold its text`,
      `Write tasks/${id}.md again, and remove ${result.path}.`,
    );
  }
  changes.push({ path: taskPath(id), blob: await queue.port.writeBlob(parsed.value.taskText) });
  return { ok: true, changes };
}

/** An edit that says nothing new: the blob differs, so tries count from zero and what was held back is let go. */
async function restart(queue: Queue, view: View, id: string, path: string, blob: string): Promise<Planned> {
  const state = view.records.get(id)?.value.state;
  if (state === 'claimed' || state === 'parked') {
    return fail('usage', 'task-runs', `${id} runs at the moment`, `Wait for its result, or cancel it: errand cancel ${id}.`);
  }
  const file = view.tasks.get(id)?.parsed;
  if (file?.ok === false)
    return fail('usage', 'task-invalid', `${path} is not valid, so running it again does not help`, `See errand show ${id}.`);
  if (file?.ok && file.value.hold)
    return fail('usage', 'task-on-hold', `${id} is on hold`, `Let it go: errand edit ${id} --no-hold.`);
  const { readBlob } = await import('@errand/queue');
  const content = await readBlob(queue.port, blob);
  if (content === null) return fail('environment', 'content-missing', `the remote did not send ${path}`, 'Try again.');
  const longer = Buffer.concat([content, Buffer.from('\n')]);
  return { ok: true, changes: [{ path, blob: await queue.port.writeBlob(longer) }] };
}
