import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseResult, type Result, taskIdOfResultPath } from '@errand/task';
import type { BareRepository } from '@errand/testing';
import type { Evidence } from './evidence.ts';
import type { Fleet } from './fleet.ts';
import type { Work } from './work.ts';

/** The results on the branch by id, and what is wrong with how they came there. */
export interface Recorded {
  results: Map<string, Result>;
  problems: string[];
}

/** Walks the whole history: each result was added once, by one commit, and never touched again. */
export async function readRecorded(repository: BareRepository): Promise<Recorded> {
  const args = ['log', '--format=', '--name-status', '--no-renames', '-m', '--full-history', '-z', 'main', '--', 'results'];
  const words = (await repository.git(...args)).split('\0').map((word) => word.trim());
  const results = new Map<string, Result>();
  const problems: string[] = [];
  const added = new Map<string, string>();
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [how = '', path = ''] = words.slice(at, at + 2);
    const id = taskIdOfResultPath(path);
    if (id === null) continue;
    if (how !== 'A') problems.push(`${path} was touched (${how}) after it was recorded`);
    else if (added.has(id)) problems.push(`${id} was recorded twice: ${added.get(id)}, ${path}`);
    else added.set(id, path);
  }
  // All texts at once: a process for each would take minutes.
  const asked = [...added.values()].map((path) => `main:${path}`);
  const texts = splitBatch(await repository.gitWith(`${asked.join('\n')}\n`, 'cat-file', '--batch'));
  for (const [index, [id, path]] of [...added].entries()) {
    const parsed = parseResult(path, texts[index] ?? '');
    if (parsed.ok) results.set(id, parsed.value);
    else problems.push(`${path} cannot be read: ${JSON.stringify(parsed.problems)}`);
  }
  return { results, problems };
}

/** What `git cat-file --batch` gave, one text for each object that was asked for; '' for one that is missing. */
function splitBatch(output: string): string[] {
  const bytes = Buffer.from(output, 'utf8');
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\n', at);
    const [, , size] = bytes.toString('utf8', at, end).split(' ');
    at = end + 1;
    if (size === undefined) {
      texts.push('');
      continue;
    }
    texts.push(bytes.toString('utf8', at, at + Number(size)));
    at += Number(size) + 1;
  }
  return texts;
}

/** What is recorded against what was asked for and what really ran. */
export function compareWithRuns(
  works: ReadonlyMap<string, Work>,
  results: ReadonlyMap<string, Result>,
  evidence: Evidence,
): string[] {
  const problems: string[] = [];
  for (const { id, machine, text, answer, failsIn } of works.values()) {
    const result = results.get(id);
    if (result === undefined) {
      problems.push(`${id} was lost: it has no result`);
      continue;
    }
    const last = result.attempts.at(-1);
    const runs = evidence.of(id);
    if (result.taskText !== text) problems.push(`the result of ${id} tells another task than the one that was filed`);
    if (nameBlob(result.taskText) !== result.task) problems.push(`the result of ${id} does not tell its task word for word`);
    if (result.state === 'cancelled') problems.push(`${id} is recorded as cancelled, which nobody asked for`);
    const ended = runs.some((run) => run.attempt === last?.attempt && run.machine === last.worker && run.endMs !== null);
    if (result.state === 'done' && !ended) problems.push(`${id} is recorded as done by an attempt that did not come to its end`);
    if (result.state === 'done' && answer === null) problems.push(`${id} is recorded as done, and its agent always fails`);
    else if (result.state === 'done' && result.answer.trim() !== answer) {
      problems.push(`${id} is recorded with an answer that its agent did not give: ${JSON.stringify(result.answer)}`);
    }
    if (result.state === 'failed' && last?.outcome === 'done')
      problems.push(`${id} is recorded as failed, and its last attempt as done`);
    for (const { attempt, worker, outcome, cause = '' } of result.attempts) {
      if (outcome === 'failed' && !failsIn(attempt) && !/SIG[A-Z]+/.test(cause))
        problems.push(
          `attempt ${attempt} of ${id} is told to have failed (${cause}), which its agent did not, and no signal struck it`,
        );
      if (machine !== null && worker !== machine)
        problems.push(`${id} was for ${machine} alone, and attempt ${attempt} was ${worker}'s`);
      const isOnce = result.attempts.filter((other) => other.attempt === attempt).length === 1;
      if (!isOnce) problems.push(`${id} has more than one attempt ${attempt} (${outcome})`);
    }
  }
  for (const id of results.keys()) if (!works.has(id)) problems.push(`${id} has a result, and nobody filed it`);
  return problems;
}

/** As git names a blob in a repository of SHA-1. */
function nameBlob(text: string): string {
  const content = Buffer.from(text, 'utf8');
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

/** Refs other than the branch and the machines' own. */
export async function findRefs(repository: BareRepository): Promise<string[]> {
  const refs = [...(await repository.refs()).keys()];
  return refs.filter((ref) => ref !== 'refs/heads/main' && !ref.startsWith('refs/errand/workers/'));
}

/** What git has against the repository and the private clones, one line for each that is not sound, and how many it looked at. */
export async function findUnsound({ servers, machines }: Fleet): Promise<{ looked: number; problems: string[] }> {
  const problems: string[] = [];
  try {
    await servers.repository.git('fsck', '--full', '--strict', '--no-dangling', '--no-progress');
  } catch (error) {
    problems.push(`the repository is not sound: ${(error as Error).message}`);
  }
  for (const machine of machines) {
    const said = await machine.fsck();
    if (said !== '') problems.push(`the clone of ${machine.name} is not sound: ${said}`);
  }
  return { looked: machines.length + 1, problems };
}

/** Finished tasks of which nobody was told, by what the server of notifications took. */
export async function findUntold(file: string, results: ReadonlyMap<string, Result>): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const titles = new Set(
    text.split('\n').flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { title?: string }).title])),
  );
  const said = { done: 'Done', failed: 'Failed', cancelled: 'Cancelled' } as const;
  return [...results].flatMap(([id, { state }]) =>
    titles.has(`${said[state]}: ${id}`) ? [] : [`nobody was told that ${id} is ${state}`],
  );
}
