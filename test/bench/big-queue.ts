import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { renderResult } from '@errand/task';
import type { Stage } from './stage.ts';

const DAYS = 60;
const DAY_MS = 24 * 60 * 60 * 1000;

const PROMPTS = [
  'Fix the typo in the title of the README.',
  'Run the test-suite and report every failure.\n\nOnly report: change nothing.',
  'Find the race condition in the scheduler and redesign its locking.',
  'Add a flag `--dry-run` to the release script, with a test, and document it in the help text.',
  'Explain why the nightly build takes an hour, and name the three slowest steps.',
];
const ANSWER =
  'Two of 214 tests fail:\n\n- `parses an empty file`: expected 0, got 1\n- `waits for the lock`: timed out after 5 s\n'.repeat(
    3,
  );

export interface QueueSize {
  open: number;
  finished: number;
  /** Whether the task files of finished tasks are still there, or tidied away. */
  tidied: boolean;
}

/** Fills a queue with open tasks and with results of the last sixty days, in seconds. Returns its path. */
export async function growQueue(stage: Stage, name: string, size: QueueSize, nowMs: number): Promise<string> {
  const { dir } = await stage.initQueue(name);
  await importInto(stage, dir, commitDays(size, nowMs));
  return dir;
}

/** Has `git fast-import` carry out what it is told in its own language. */
export async function importInto(stage: Stage, dir: string, texts: Iterable<string>): Promise<void> {
  const importer = spawn('git', ['--git-dir', dir, 'fast-import', '--quiet'], {
    env: stage.env,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = once(importer, 'close');
  for (const text of texts) if (!importer.stdin.write(text)) await once(importer.stdin, 'drain');
  importer.stdin.end();
  const [code] = await ended;
  if (code !== 0) throw new Error(`git fast-import in ${dir} ended with ${code}`);
}

/** The input of `git fast-import`: a commit with the tasks, and one for each day of results. */
function* commitDays({ open, finished, tidied }: QueueSize, nowMs: number): Generator<string> {
  // On what `errand init` made; the commits after it follow each other by themselves.
  yield `${beginCommit('file the open tasks', nowMs - DAYS * DAY_MS)}from refs/heads/main^0\n`;
  for (let n = 0; n < open; n++) yield addFile(`tasks/open-task-${n}.md`, taskText(n));
  if (!tidied) for (let n = 0; n < finished; n++) yield addFile(`tasks/finished-task-${n}.md`, taskText(n));
  for (let day = DAYS - 1; day >= 0; day--) {
    const endedAt = new Date(nowMs - day * DAY_MS).toISOString();
    yield beginCommit(`done: tasks of ${endedAt.slice(0, 10)}`, nowMs - day * DAY_MS);
    for (let n = day; n < finished; n += DAYS)
      yield addFile(`results/${endedAt.slice(0, 10)}/finished-task-${n}.md`, resultText(n, endedAt));
  }
}

export function beginCommit(message: string, atMs: number, ref = 'refs/heads/main'): string {
  return `commit ${ref}\ncommitter Bench <bench@localhost> ${Math.floor(atMs / 1000)} +0000\n${data(message)}`;
}

export function addFile(path: string, text: string): string {
  return `M 100644 inline ${path}\n${data(text)}`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function taskText(n: number): string {
  return `---\npriority: ${n % 10}\nmachine: ${n % 3 === 0 ? 'any' : 'pi'}\n---\n${PROMPTS[n % PROMPTS.length]}\n\nThis is number ${n}.\n`;
}

function resultText(n: number, endedAt: string): string {
  const text = taskText(n);
  const task = createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');
  const nonce = createHash('sha1').update(`nonce ${n}`).digest('hex').slice(0, 26).toUpperCase();
  const attempt = {
    attempt: 1,
    worker: 'pi',
    agent: 'command',
    tier: 'sonnet' as const,
    started_at: endedAt,
    ended_at: endedAt,
    outcome: 'done' as const,
    exit_code: 0,
    task,
  };
  const state = n % 20 === 0 ? 'failed' : 'done';
  return renderResult({
    schema: 1,
    id: `finished-task-${n}`,
    state,
    task,
    nonce,
    finished_at: endedAt,
    attempts: [attempt],
    answer: ANSWER,
    taskText: taskText(n),
  });
}
