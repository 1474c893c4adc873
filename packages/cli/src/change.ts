import type { View } from '@errand/planner';
import type { Change, PathChange, Queue } from '@errand/queue';
import { type Failure, fail } from './failure.ts';
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
