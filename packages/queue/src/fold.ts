import { dirname } from 'node:path/posix';
import type { Held, View } from '@errand/planner';
import { type ClaimedRecord, type ParkedRecord, type Result, renderResult, resultPath, resultSubject } from '@errand/task';
import { commitOnTip, type PathChange } from './branch-edit.ts';
import { branchRef, taskRef } from './names.ts';
import type { GitPort, RefUpdate } from './port.ts';
import { releaseKey, toWaiting } from './release.ts';

/** A finished result and the record that carries the claim on it. A parked result that cannot be read as data is folded as text. */
export type FoldItem =
  | { record: Held<ClaimedRecord | ParkedRecord>; result: Result }
  | { record: Held<ParkedRecord>; text: string };

export interface Fold {
  updates: RefUpdate[];
  items: { id: string; nonce: string; becomes: Becomes; path: string | null }[];
}

/**
 * What an item becomes when the push is accepted. `superseded`: the tip has a result for this id, so the item adds nothing.
 * `reopened`: it was cancelled since its task's file was gone, and the tip has the file again, so the task waits.
 */
export type Becomes = Result['state'] | 'superseded' | 'reopened';

/**
 * Builds the one atomic push that records results: a commit on the view's tip, and the records gone under their leases.
 * The fence is here: a result is added only if the tip has none for its id, and the branch's lease makes "the tip" definite.
 */
export async function buildFold(
  port: GitPort,
  view: View,
  branch: string,
  items: readonly FoldItem[],
  newNonce: () => string,
): Promise<Fold> {
  const subjects: string[] = [];
  const fold: Fold = { updates: [], items: [] };
  const files: { path: string; text: string }[] = [];
  for (const item of items) {
    const { oid, value: record } = item.record;
    const { id, nonce } = record;
    if (!view.results.has(id) && view.tasks.has(id) && stateOf(item) === 'cancelled') {
      const attempts = 'result' in item ? item.result.attempts : record.attempts;
      const into = { nonce: newNonce(), attempts, reason: 'its file was removed, and is there again' };
      fold.updates.push(...(await toWaiting(port, view, { oid, value: record }, into)));
      fold.items.push({ id, nonce, becomes: 'reopened', path: null });
      continue;
    }
    fold.updates.push({ ref: taskRef(id), to: null, expect: oid }, ...releaseKey(view, record));
    if (view.results.has(id)) {
      fold.items.push({ id, nonce, becomes: 'superseded', path: null });
      continue;
    }
    const file = 'text' in item ? asParked(item.record.value, item.text) : asResult(item.result, view.tasks.has(id));
    const path = resultPath(id, file.finishedAt);
    files.push({ path, text: file.text });
    subjects.push(file.subject);
    fold.items.push({ id, nonce, becomes: file.state, path });
  }
  // A day's folder never becomes empty: git would take an emptied folder for a renamed one, and a pull could conflict.
  for (const day of new Set(files.map(({ path }) => dirname(path)))) files.push({ path: `${day}/.gitkeep`, text: '' });
  const changes = await Promise.all(
    files.map(async ({ path, text }): Promise<PathChange> => ({ path, blob: await port.writeBlob(text) })),
  );
  if (changes.length > 0) {
    const commit = await commitOnTip(port, view.tip, changes, foldMessage(subjects));
    fold.updates.unshift({ ref: branchRef(branch), to: commit, expect: view.tip });
  }
  return fold;
}

const stateOf = (item: FoldItem): Result['state'] => ('result' in item ? item.result.state : item.record.value.result_state);

interface ResultText {
  state: Result['state'];
  finishedAt: string;
  subject: string;
  text: string;
}

/** A result whose task was removed meanwhile is recorded as cancelled. */
function asResult(finished: Result, taskIsThere: boolean): ResultText {
  const result: Result = taskIsThere ? finished : { ...finished, state: 'cancelled' };
  return { state: result.state, finishedAt: result.finished_at, subject: resultSubject(result), text: renderResult(result) };
}

function asParked(record: ParkedRecord, text: string): ResultText {
  return { state: record.result_state, finishedAt: record.finished_at, subject: record.subject, text };
}

/** One result: its own subject. Several: how many of each state, then a line for each. */
export function foldMessage(subjects: readonly string[]): string {
  const [first] = subjects;
  if (first !== undefined && subjects.length === 1) return `${first}\n`;
  const counts = new Map<string, number>();
  for (const subject of subjects) {
    const state = subject.split(':', 1)[0] ?? '';
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const heading = [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
  return `results: ${heading}\n\n${subjects.map((subject) => `- ${subject}`).join('\n')}\n`;
}
