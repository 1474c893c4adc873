import type { View } from '@errand/planner';
import type { Queue } from '@errand/queue';
import type { Command } from 'commander';
import { announce } from '../announce.ts';
import { commitChange, failByUnknownTask } from '../change.ts';
import { addExamples, addJsonOption, addQueueOption, DONE, type Io, type Outcome, type QueueOption } from '../command.ts';
import { connect } from '../connect.ts';
import { editInEditor } from '../editor.ts';
import { type Failure, fail, failByProblems } from '../failure.ts';
import { lookNow } from '../look.ts';
import { oneLine } from '../table.ts';
import { readTaskId } from '../task-argument.ts';
import { addTaskOptions, frontMatterOf, type TaskOptions } from '../task-options.ts';

interface EditOptions extends QueueOption, TaskOptions {
  machine?: string;
  json?: true;
}

export function define(command: Command): void {
  command
    .argument('<id>', 'the task')
    .option('--machine <names>', 'where it may run: a machine, several with commas, or any')
    .description('Change a task. Without options, in $VISUAL or $EDITOR. Comments and the order of keys stay.');
  addJsonOption(addQueueOption(addTaskOptions(command).option('--no-hold', 'let it run')));
  addExamples(command, [
    ['errand edit fix-login-k3f9 --priority 1', 'change one key'],
    ['errand edit fix-login-k3f9 --machine pi,laptop --no-hold', 'change two'],
    ['errand edit fix-login-k3f9', 'change the file in your editor'],
  ]);
}

export async function run(io: Io, [given = '']: readonly string[], options: EditOptions): Promise<Outcome> {
  const id = readTaskId(given);
  const connection = await connect(io, options);
  if (!connection.ok) return connection;
  const { queue } = connection;
  const machines = options.machine?.split(',').map((name) => name.trim());
  const machine = machines === undefined || machines.length > 1 ? machines : machines[0];
  const changes = {
    ...frontMatterOf(options),
    ...(machine !== undefined && { machine }),
    ...(options.hold === false && { hold: undefined }),
  };
  const edited = Object.keys(changes).length > 0 ? await editKeys(queue, id, changes) : await editByHand(io, queue, id);
  if (!edited.ok) return edited;
  if (edited.commit !== null) await announce(io, connection.machine, queue);
  if (options.json) io.out(`${JSON.stringify({ schema: 1, id, commit: edited.commit }, null, 2)}\n`);
  else io.out(edited.commit === null ? `${oneLine(id)}: nothing changed\n` : `${oneLine(id)}: changed\n`);
  return DONE;
}

type Edited = { ok: true; commit: string | null } | { ok: false; failure: Failure };

async function editKeys(
  queue: Queue,
  id: string,
  changes: { [key: string]: string | number | boolean | string[] | undefined },
): Promise<Edited> {
  const { editTask } = await import('@errand/task');
  return commitChange(queue, async (view) => {
    const file = await readTaskFile(queue, view, id);
    if (!file.ok) return file;
    const edited = editTask(file.text, changes, file.path);
    return edited.ok ? replaceFile(queue, file, edited.value) : failByProblems('usage', edited.problems);
  });
}

async function editByHand(io: Io, queue: Queue, id: string): Promise<Edited> {
  const seen = await lookNow(queue);
  if (!seen.ok) return seen;
  const before = await readTaskFile(queue, seen.view, id);
  if (!before.ok) return before;
  const after = await editInEditor(io, `${id}.md`, before.text);
  if (!after.ok) return after;
  if (after.text === before.text) return { ok: true, commit: null };
  const changed = await commitChange(queue, async (view) => {
    const now = await readTaskFile(queue, view, id);
    if (!now.ok) return now;
    if (now.blob === before.blob) return replaceFile(queue, now, after.text);
    return fail('usage', 'edited-meanwhile', `${id} was changed by somebody else meanwhile`, 'Start again from the new text.');
  });
  if (changed.ok) await after.discard();
  else io.note(`errand: your text is kept in ${after.path}\n`);
  return changed;
}

interface TaskText {
  id: string;
  path: string;
  blob: string;
  text: string;
}

async function readTaskFile(
  queue: Queue,
  view: View,
  id: string,
): Promise<({ ok: true } & TaskText) | { ok: false; failure: Failure }> {
  const task = view.tasks.get(id);
  if (view.results.has(id))
    return fail('usage', 'already-finished', `${id} has finished already`, `To run it again: errand retry ${id}.`);
  if (!task) return failByUnknownTask(view, id);
  const { readBlob } = await import('@errand/queue');
  const content = await readBlob(queue.port, task.blob);
  if (content === null) return fail('environment', 'content-missing', `the remote did not send ${task.path}`, 'Try again.');
  return { ok: true, id, path: task.path, blob: task.blob, text: content.toString('utf8') };
}

/** The change, if a worker would take the new text. */
async function replaceFile(queue: Queue, { id, path, text }: TaskText, edited: string) {
  if (edited === text) return { ok: true as const, changes: [], subject: '' };
  const { parseTask } = await import('@errand/task');
  const parsed = parseTask(path, new TextEncoder().encode(edited));
  if (!parsed.ok) return failByProblems('usage', parsed.problems);
  return { ok: true as const, changes: [{ path, blob: await queue.port.writeBlob(edited) }], subject: `edit: ${id}` };
}
