import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Queue } from '@errand/queue';
import type { Task } from '@errand/task';
import type { Command } from 'commander';
import { announce, prepareToAnnounce } from '../announce.ts';
import { addExamples, addJsonOption, addQueueOption, DONE, type Io, type Outcome, type QueueOption } from '../command.ts';
import { connect } from '../connect.ts';
import { arrangeWords } from '../delegate-words.ts';
import { type Failure, fail, failByProblems } from '../failure.ts';
import type { Naming } from '../find-unknown-names.ts';
import { warnOfForgottenFrontMatter } from '../forgotten-front-matter.ts';
import { findUnknownMachine } from '../known-machines.ts';
import { sendSoon } from '../outbox-sender.ts';
import { describeReadFailure } from '../read-failure.ts';
import { remark } from '../remark.ts';
import { hidePassword } from '../remote-failure.ts';
import { addTaskOptions, frontMatterOf, type TaskOptions } from '../task-options.ts';

interface DelegateOptions extends QueueOption, TaskOptions {
  file?: string;
  id?: string;
  wait?: true;
  json?: true;
}

/** How long to wait for the remote before a process of its own goes on. */
const PATIENCE_MS = 1500;
const MACHINE = /^[a-z0-9][a-z0-9-]{0,62}$/;

export function define(command: Command): void {
  command
    .argument('<machine>', 'where it may run: the name of a machine, or any')
    .argument('[words...]', 'what is to be done; without words, and for -, it is read from standard input')
    .option('-f, --file <file>', 'read the task from a file, front matter included')
    .option('--id <id>', 'the id of the task; default: made of the title')
    .option('--wait', 'tell on standard error what becomes of it, and end as it ends: 0 done, 1 failed or cancelled')
    .description('File a task. Standard output is its id alone. Works without the remote: the task is then sent later.');
  addJsonOption(addQueueOption(addTaskOptions(command)));
  addExamples(command, [
    ['errand delegate pi "uptime"', 'a task for the machine pi'],
    ['errand delegate any --priority 1 fix the login page', 'for whichever is free, soon'],
    ['errand delegate pi -f task.md', 'the task is in a file'],
    ['errand delegate any --repo site --verify "npm test" fix the login page', 'in a worktree of a repository'],
    ['errand delegate any --wait "fix the login page"', 'waits until it is done'],
    ['git diff | errand delegate any --title "Review this"', 'the text comes from a program'],
  ]);
}

export function arrange(args: readonly string[], command: Command): ReturnType<typeof arrangeWords> {
  const known = command.options.map((option) => ({
    names: [option.short, option.long].flatMap((name) => name ?? []),
    takesValue: option.required || option.optional,
  }));
  return arrangeWords(args, [...known, { names: ['-h', '--help'], takesValue: false }]);
}

export async function run(io: Io, [machine = '', ...words]: readonly string[], options: DelegateOptions): Promise<Outcome> {
  if (!MACHINE.test(machine)) {
    const lower = machine.toLowerCase();
    const meant = MACHINE.test(lower) ? `Did you mean ${lower}? ` : '';
    const hint = `${meant}The first word says where: a machine, in lower-case letters, digits and dashes, or any. Then the text.`;
    return fail('usage', 'bad-machine', `${JSON.stringify(machine)} is not the name of a machine`, hint);
  }
  const text = await readText(io, machine, words, options);
  if (!text.ok) return text;
  const connection = await connect(io, options);
  if (!connection.ok) return connection;
  const { queue } = connection;
  const composed = await composeTask(machine, text, options);
  if (!composed.ok) return composed;
  const { id: wanted, content, title, task } = composed;
  const taken = options.id === undefined ? null : await findTaken(queue, wanted);
  if (taken !== null)
    return fail('usage', 'id-taken', `there is a task ${wanted} already: ${taken}`, 'Choose another id, or leave --id out.');

  const createdAt = new Date().toISOString();
  const id = await queue.outbox.add({ id: wanted, content, subject: `add: ${wanted}`, createdAt, commits: [] });
  if (!options.json) io.outOrNote(`${id}\n`);
  if (id !== wanted) remark(io, `another command filed a task ${wanted} at the same moment: this one is ${id}`);
  prepareToAnnounce(connection.machine);
  const sent = await sendSoon(io, queue, PATIENCE_MS);
  const announced = sent.ok ? announce(io, connection.machine, queue, [{ id, title, machine }]) : null;
  const warning = await findUnknownMachine(queue, id, machine, connection.machine.machine);
  if (warning !== null) remark(io, warning);
  const { looksLikeFrontMatter } = await import('@errand/task');
  if (text.path !== null && looksLikeFrontMatter(text.text))
    remark(io, warnOfForgottenFrontMatter(text.path === '-' ? 'the text' : text.path));
  for (const unknown of await remarkUnknownNames(queue, { ...task, id })) remark(io, unknown);
  const { isSupportedAgent } = await import('@errand/config');
  if (task.agent !== 'auto' && !isSupportedAgent(task.agent)) {
    remark(io, `no worker of this version can run the agent \`${task.agent}\`: the task waits for one that can`);
  }
  if (!sent.ok) remark(io, `${id} is kept here and sent later; the queue ${hidePassword(queue.remote)}: ${sent.cause.message}`);
  await announced;
  if (options.wait) {
    const { waitForTask } = await import('../follow/wait-for-task.ts');
    return waitForTask(io, connection, { id, title, content }, { json: options.json ?? false });
  }
  if (options.json) io.outOrNote(`${JSON.stringify({ schema: 1, id, path: `tasks/${id}.md`, title, sent: sent.ok }, null, 2)}\n`);
  await queue.close();
  return DONE;
}

/** What the task names that the queue, as it was last seen, does not know. Nothing is asked of the remote for it. */
async function remarkUnknownNames(queue: Queue, task: Naming): Promise<string[]> {
  if (task.dependsOn.length === 0 && task.repo === undefined && task.model === 'auto') return [];
  const view = await queue.readLastView();
  const { parseQueueConfig } = await import('@errand/config');
  const parsed = parseQueueConfig('config/errand.yaml', view?.config?.text ?? '');
  if (!view || !parsed.ok) return [];
  const { findUnknownNames, listKnown } = await import('../find-unknown-names.ts');
  const unsent = (await queue.outbox.pending()).map(({ id }) => id);
  return findUnknownNames(task, listKnown(view, unsent, parsed.value));
}

/** Where an id is in use. A made id cannot be; a given one would be taken for the task that has it, and never run. */
async function findTaken(queue: Queue, id: string): Promise<string | null> {
  if ((await queue.outbox.pending()).some((entry) => entry.id === id)) return 'it waits here to be sent';
  const read = await queue.readView();
  const view = read.ok ? read.view : await queue.readLastView();
  return view?.results.get(id)?.path ?? view?.tasks.get(id)?.path ?? null;
}

type Text = { ok: true; text: string; path: string | null } | { ok: false; failure: Failure };

async function readText(io: Io, machine: string, words: readonly string[], { file }: DelegateOptions): Promise<Text> {
  if (file !== undefined && words.length > 0) {
    return fail(
      'usage',
      'two-texts',
      `the text is given twice: by ${file} and by ${JSON.stringify(words.join(' '))}`,
      'Leave one of them out.',
    );
  }
  const piped = file === '-' || words.length === 0 || (words.length === 1 && words[0] === '-');
  if (file !== undefined && file !== '-') {
    try {
      return decode(await readFile(resolve(io.cwd, file)), file);
    } catch (error) {
      const why = describeReadFailure(error as NodeJS.ErrnoException);
      const hint = 'Name the file that holds the task, or write the text after the machine.';
      return fail('usage', 'unreadable-file', `cannot read ${file}: ${why}`, hint);
    }
  }
  if (!piped) return { ok: true, text: words.join(' '), path: null };
  if (io.stdin.isTTY && words.length === 0) {
    return fail(
      'usage',
      'no-text',
      `what is to be done is missing: \`${machine}\` was taken for the machine`,
      `Say it after the machine, or give a file with -f, or pipe it in. If that is the text: errand delegate any ${machine}`,
    );
  }
  const chunks: Buffer[] = [];
  for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk));
  return decode(Buffer.concat(chunks), '-');
}

/** Text that came as bytes: what is not UTF-8 is refused, not mended. `path` is the file's, or `-` for standard input. */
function decode(bytes: Uint8Array, path: string): Text {
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), path };
  } catch {
    const name = path === '-' ? 'standard input' : path;
    return fail('usage', 'not-utf8', `${name} is not UTF-8 text`, 'Save it as UTF-8, or name the file in the text instead.');
  }
}

type Composed = { ok: true; id: string; title: string; task: Task; content: string } | { ok: false; failure: Failure };

/** The task file, checked as a worker will check it, so that nothing is filed that nobody will run. */
async function composeTask(
  machine: string,
  { text, path: source }: Extract<Text, { ok: true }>,
  options: DelegateOptions,
): Promise<Composed> {
  const { editTask, isTaskId, newTaskId, parseTask, renderTask, splitFrontMatter } = await import('@errand/task');
  if (options.id !== undefined && !isTaskId(options.id)) {
    const hint = 'An id has 1 to 80 of a-z, 0-9 and -, and does not start with -.';
    return fail('usage', 'bad-id', `${JSON.stringify(options.id)} is not a task id`, hint);
  }
  const keys = { ...(machine !== 'any' && { machine }), ...frontMatterOf(options) };
  // Words are text to their last character; a file, also one that is piped in, may bring front matter of its own.
  const asFile = source !== null && splitFrontMatter(text).kind !== 'none';
  const edited = asFile ? editTask(text, keys, source) : { ok: true as const, value: renderTask(keys, text) };
  if (!edited.ok) return failByProblems('usage', edited.problems);
  const path = source ?? 'task.md';
  const parsed = parseTask('tasks/task.md', new TextEncoder().encode(edited.value));
  if (!parsed.ok) {
    if (asFile)
      return failByProblems(
        'usage',
        parsed.problems.map((problem) => ({ ...problem, path })),
      );
    const [first] = parsed.problems;
    // Nobody who typed words has written front matter to put them below.
    const hint =
      first?.code === 'empty-prompt'
        ? `Say what is to be done after the machine, or pipe it in; \`${machine}\` was taken for the machine.`
        : first?.hint;
    return fail('usage', first?.code ?? 'invalid', parsed.problems.map(({ message }) => message).join('; '), hint);
  }
  const id = options.id ?? newTaskId(parsed.value.title, Math.random);
  return { ok: true, id, title: parsed.value.title, task: parsed.value, content: edited.value };
}
