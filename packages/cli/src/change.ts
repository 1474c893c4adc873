import type { View } from '@errand/planner';
import type { Change, PathChange, Queue } from '@errand/queue';
import { DONE, type Io, type Outcome } from './command.ts';
import { describeFailure, EXIT_CODES, type Failure, fail } from './failure.ts';
import { findTaskId, idsOf, tellTaken } from './find-task-id.ts';
import { failByGit } from './remote-failure.ts';

/** Makes one commit on the person's behalf, decided anew on every tip; `decide` may refuse. */
export async function commitChange(
  queue: Queue,
  decide: (
    view: View,
  ) => Promise<{ ok: true; changes: readonly PathChange[]; subject: string } | { ok: false; failure: Failure }>,
): Promise<{ ok: true; commit: string | null } | { ok: false; failure: Failure }> {
  if (!(await queue.outbox.isEmpty())) await queue.flushOutbox();
  const { changeBranch } = await import('@errand/queue');
  const changed = await changeBranch<Failure>(queue, async (view): Promise<Change<Failure>> => {
    const decided = await decide(view);
    return decided.ok ? decided : { ok: false, error: decided.failure };
  });
  if (changed.ok) return changed;
  return 'cause' in changed ? failByGit(queue.remote, changed.cause) : { ok: false, failure: changed.error };
}

/** A task that was named among others, and why nothing was done about it. */
export interface Refused {
  id: string;
  failure: Failure;
}

/** Which task was meant by what somebody typed: its id, or the beginning of that. */
export interface Meant {
  given: string;
  id: string;
}

type EachPlanned = { ok: true; changes: PathChange[]; done: Meant[]; refused: Refused[] } | { ok: false; failure: Failure };

/**
 * What is to change for several tasks, those of them for which that makes sense. Fails where it does for none of them;
 * `nothing` says what was not done then, as `nothing was cancelled`.
 */
export async function planEach(
  view: View,
  named: readonly string[],
  nothing: string,
  plan: (id: string) => Promise<{ ok: true; changes: readonly PathChange[] } | { ok: false; failure: Failure }>,
): Promise<EachPlanned> {
  const changes: PathChange[] = [];
  const done: Meant[] = [];
  const refused: Refused[] = [];
  const ids = idsOf(view);
  for (const given of named) {
    const found = findTaskId(given, ids);
    const id = found.ok ? found.id : given;
    if (done.some((one) => one.id === id)) continue;
    const planned = found.ok ? await plan(id) : found;
    if (planned.ok) {
      changes.push(...planned.changes);
      done.push({ given, id });
    } else if (planned.failure.kind === 'usage') refused.push({ id, failure: planned.failure });
    else return planned;
  }
  const [first, ...more] = refused.map(({ failure }) => failure);
  if (first === undefined || done.length > 0) return { ok: true, changes, done, refused };
  if (more.length === 0) return { ok: false, failure: first };
  const all = [first, ...more];
  const hints = [...new Set(all.flatMap(({ hint }) => hint ?? []))].join(' ');
  return fail('usage', first.code, `${nothing}: ${all.map(({ message }) => message).join('; ')}`, hints);
}

/** Says which tasks were taken for the beginnings of ids, before what became of them. */
export function tellMeant(io: Io, done: readonly Meant[]): void {
  for (const { given, id } of done) tellTaken(io, given, id);
}

/** Says of which tasks nothing became, after what was done about the others. */
export function tellRefused(io: Io, refused: readonly Refused[]): Outcome {
  for (const { failure } of refused) io.note(describeFailure(failure));
  return refused.length === 0 ? DONE : { ok: true, exitCode: EXIT_CODES.usage };
}

/** The same for programs. */
export function refusedJson(refused: readonly Refused[]): object[] {
  return refused.map(({ id, failure: { code, message, hint } }) => ({ id, code, message, hint: hint ?? null }));
}

/** The failure for an id that the queue does not have, with the nearest one that it has. */
export async function failByUnknownTask(view: View, id: string): Promise<{ ok: false; failure: Failure }> {
  const { nearestOf } = await import('@errand/task');
  const near = nearestOf(id, [...view.tasks.keys(), ...view.results.keys()]);
  return fail(
    'usage',
    'unknown-task',
    `there is no task ${JSON.stringify(id)}`,
    near === null ? 'See errand list, or errand list --state done, failed or cancelled.' : `Did you mean ${near}?`,
  );
}

/** `a`, or `a, b and 3 more`: ids in a commit's subject. */
export function nameIds(ids: readonly string[]): string {
  return ids.length <= 3 ? ids.join(', ') : `${ids.slice(0, 2).join(', ')} and ${ids.length - 2} more`;
}
