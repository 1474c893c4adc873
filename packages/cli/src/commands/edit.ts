import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { View } from '@errand/planner';
import type { Queue } from '@errand/queue';
import type { Command } from 'commander';
import { announce } from '../announce.ts';
import { commitChange, failByUnknownTask } from '../change.ts';
import { addExamples, addJsonOption, addQueueOption, DONE, type Io, type Outcome, type QueueOption } from '../command.ts';
import { connect } from '../connect.ts';
import { editInEditor, wayOn } from '../editor.ts';
import { type Failure, fail, failByProblems } from '../failure.ts';
import { findTaskId, idsOf, tellTaken } from '../find-task-id.ts';
import { lookNow } from '../look.ts';
import { describeReadFailure } from '../read-failure.ts';
import { remark } from '../remark.ts';
import { oneLine } from '../table.ts';
import { readTaskId } from '../task-argument.ts';
import { addTaskOptions, frontMatterOf, type TaskOptions } from '../task-options.ts';

interface EditOptions extends QueueOption, TaskOptions {
  machine?: string;
  file?: string;
  json?: true;
}

export function define(command: Command): void {
  command
    .argument('<id>', 'the task')
    .option('--machine <names>', 'where it may run: a machine, several with commas, or any')
    .option('-f, --file <file>', 'the whole task anew, front matter included, from a file')
    .description('Change a task. Without options, in $VISUAL or $EDITOR. Comments and the order of keys stay.');
  addJsonOption(addQueueOption(addTaskOptions(command).option('--no-hold', 'let it run')));
  addExamples(command, [
    ['errand edit fix-login-k3f9 --priority 1', 'change one key'],
    ['errand edit fix-login-k3f9 --machine pi,laptop --no-hold', 'change two'],
    ['errand edit fix-login-k3f9', 'change the file in your editor'],
    ['errand edit fix-login-k3f9 -f task.md', 'the task is this file from now on'],
  ]);
}

export async function run(io: Io, [given = '']: readonly string[], options: EditOptions): Promise<Outcome> {
  const named = readTaskId(given);
  const read = options.file === undefined ? null : await readNewText(io, options.file);
  if (read?.ok === false) return read;
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
  const isByHand = read === null && Object.keys(changes).length === 0;
  const edited = isByHand ? await editByHand(io, queue, named) : await editFile(queue, named, read?.text ?? null, changes);
  if (!edited.ok) return edited;
  const { id, commit } = edited;
  if (commit !== null) await announce(io, connection.machine, queue);
  tellTaken(io, named, id);
  if (options.json) io.out(`${JSON.stringify({ schema: 1, id, commit }, null, 2)}\n`);
  else io.out(commit === null ? `${oneLine(id)}: nothing changed\n` : `${oneLine(id)}: changed\n`);
  return DONE;
}

async function readNewText(io: Io, file: string): Promise<{ ok: true; text: string } | { ok: false; failure: Failure }> {
  try {
    return { ok: true, text: await readFile(resolve(io.cwd, file), 'utf8') };
  } catch (error) {
    const why = describeReadFailure(error as NodeJS.ErrnoException);
    return fail('usage', 'unreadable-file', `cannot read ${file}: ${why}`, 'Name the file that holds the new text of the task.');
  }
}

type Edited = { ok: true; id: string; commit: string | null } | { ok: false; failure: Failure };

/** Puts a new text in place of the file's, where there is one, and then changes keys. */
async function editFile(
  queue: Queue,
  named: string,
  text: string | null,
  changes: { [key: string]: string | number | boolean | string[] | undefined },
): Promise<Edited> {
  const { editTask } = await import('@errand/task');
  let id = named;
  const changed = await commitChange(queue, async (view) => {
    const file = await readTaskFile(queue, view, named);
    if (!file.ok) return file;
    id = file.id;
    const base = text ?? file.text;
    if (Object.keys(changes).length === 0) return replaceFile(queue, file, base);
    const edited = editTask(base, changes, file.path);
    return edited.ok ? replaceFile(queue, file, edited.value) : failByProblems('usage', edited.problems);
  });
  return changed.ok ? { ...changed, id } : changed;
}

async function editByHand(io: Io, queue: Queue, named: string): Promise<Edited> {
  const seen = await lookNow(queue);
  if (!seen.ok) return seen;
  const before = await readTaskFile(queue, seen.view, named);
  if (!before.ok) return before;
  const { id } = before;
  const after = await editInEditor(io, id, before.text);
  if (!after.ok) return after;
  if (after.text === before.text) return { ok: true, id, commit: null };
  const changed = await commitChange(queue, async (view) => {
    const now = await readTaskFile(queue, view, id);
    if (!now.ok) return now;
    if (now.blob === before.blob) return replaceFile(queue, now, after.text);
    const hint = `Start again from the new text, or put yours in its place: ${wayOn(id, after.path)}`;
    return fail('usage', 'edited-meanwhile', `${id} was changed by somebody else meanwhile`, hint);
  });
  if (changed.ok) {
    await after.discard();
    return { ...changed, id };
  }
  remark(io, `nothing was sent; your text is kept, to be mended and sent with: ${wayOn(id, after.path)}`);
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
  named: string,
): Promise<({ ok: true } & TaskText) | { ok: false; failure: Failure }> {
  const found = findTaskId(named, idsOf(view));
  if (!found.ok) return found;
  const { id } = found;
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
