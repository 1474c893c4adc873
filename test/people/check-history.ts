import { parseResult, taskIdOfResultPath, taskPath } from '@errand/task';
import type { BareRepository } from '@errand/testing';
import type { WorkerEvent } from '@errand/worker';
import { expect } from 'vitest';

/** One result as one fold recorded it. */
interface Recorded {
  id: string;
  state: string;
  /** Blob that the result says it ran. */
  ran: string;
  answer: string;
  taskText: string;
}

/**
 * Holds every tip that the branch ever had (the repository must keep a reflog) against the rules: a fold adds results (and
 * keeps their day's folder) and nothing else, none to a task that has one, and `cancelled` where the task is gone.
 */
export async function readFolds(repository: BareRepository, machine: string): Promise<Recorded[]> {
  const log = await repository.git('reflog', 'show', '--format=%H%x09%cn', 'main');
  const tips = log.trim().split('\n').reverse();
  const recorded: Recorded[] = [];
  let before: string | null = null;
  for (const line of tips) {
    const [tip = '', committer] = line.split('\t');
    if (committer === `errand on ${machine}` && before !== null) recorded.push(...(await readFold(repository, before, tip)));
    before = tip;
  }
  return recorded;
}

async function readFold(repository: BareRepository, before: string, tip: string): Promise<Recorded[]> {
  const there = new Set((await repository.git('ls-tree', '-r', '--name-only', before)).split('\n'));
  const withResult = new Set([...there].map((path) => taskIdOfResultPath(path)));
  const changes = (await repository.git('diff-tree', '-r', '--no-renames', '--name-status', before, tip)).trim().split('\n');
  const recorded: Recorded[] = [];
  for (const change of changes) {
    const [status, path = ''] = change.split('\t');
    if (status === 'A' && /^results\/[\d-]+\/\.gitkeep$/.test(path)) continue;
    const id = taskIdOfResultPath(path);
    expect({ change, status, isResult: id !== null }).toEqual({ change, status: 'A', isResult: true });
    const result = parseResult(path, await repository.git('show', `${tip}:${path}`));
    if (!result.ok || id === null) throw new Error(`${path} cannot be read`);
    expect(withResult, `${id} had a result`).not.toContain(id);
    const { state, task: ran, answer, taskText } = result.value;
    expect({ id, state }).toEqual({ id, state: there.has(taskPath(id)) ? 'done' : 'cancelled' });
    recorded.push({ id, state, ran, answer, taskText });
  }
  return recorded;
}

/** The blob of each attempt's task on the branch as the worker saw it when it started, by id, in order. */
export async function readStarts(repository: BareRepository, events: readonly WorkerEvent[]): Promise<Map<string, string[]>> {
  const starts = new Map<string, string[]>();
  let tip = '';
  for (const event of events) {
    if (event.type === 'polled') tip = event.tip ?? '';
    if (event.type !== 'verified') continue;
    const blob = (await repository.git('rev-parse', `${tip}:${taskPath(event.id)}`)).trim();
    starts.set(event.id, [...(starts.get(event.id) ?? []), blob]);
  }
  return starts;
}

/** Every start came to exactly one result, with the text that was there at the start and what that text prints. */
export function expectOneResultForEachStart(starts: ReadonlyMap<string, string[]>, folds: readonly Recorded[]): void {
  const ran = new Map<string, string[]>();
  for (const { id, state, ran: blob, answer, taskText } of folds) {
    ran.set(id, [...(ran.get(id) ?? []), blob]);
    const says = /echo "(.+)"\n$/.exec(taskText)?.[1];
    expect(taskText).toContain('version');
    if (state === 'done') expect(answer).toBe(`ready\n${says}`);
  }
  expect([...ran].sort()).toEqual([...starts].sort());
}
