import type { View } from '@errand/planner';
import { commitOnTip, type PathChange } from './branch-edit.ts';
import { explainDeclined } from './explain-declined.ts';
import { isDescendant } from './history.ts';
import { branchRef } from './names.ts';
import { DamagedCloneError } from './objects.ts';
import type { Queue } from './open-queue.ts';
import type { GitFailure } from './port.ts';

/** What a person's command wants to change, decided from a view; or why it cannot. */
export type Change<E> = { ok: true; changes: readonly PathChange[]; subject: string } | { ok: false; error: E };

export type ChangeOutcome<E> = { ok: true; commit: string | null } | { ok: false; error: E } | { ok: false; cause: GitFailure };

const TRIES = 10;

type Built<E> = { to: string } | ChangeOutcome<E>;

/**
 * Makes one commit on the branch on a person's behalf. `decide` is called again on every new tip, because others push too.
 * A push without a definite answer is looked for in the next view before it is tried again.
 */
export async function changeBranch<E>(queue: Queue, decide: (view: View) => Promise<Change<E>>): Promise<ChangeOutcome<E>> {
  let cause: GitFailure = { kind: 'transient', message: 'the branch kept moving' };
  const unsettled: string[] = [];
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const read = await queue.readView();
    if (!read.ok) return read;
    for (const commit of unsettled) if (await isDescendant(queue.port, read.view.tip, commit)) return { ok: true, commit };
    const built = await build(queue, read.view, decide);
    if (built === 'damaged') continue;
    if (!('to' in built)) return built;
    const { to } = built;
    const pushed = await queue.port.push([{ ref: branchRef(queue.branch), to, expect: read.view.tip }]);
    const state = pushed.refs.get(branchRef(queue.branch));
    if (state?.state === 'accepted') return { ok: true, commit: to };
    if (state?.state === 'declined') {
      return { ok: false, cause: explainDeclined(state.reason, pushed.said) };
    }
    if (pushed.cause) cause = pushed.cause;
    if (state?.state !== 'rejected') unsettled.push(to);
  }
  return { ok: false, cause };
}

/** The commit to push, or the end of it; `damaged` where the clone lacked something and has been made anew. */
async function build<E>(queue: Queue, view: View, decide: (view: View) => Promise<Change<E>>): Promise<Built<E> | 'damaged'> {
  try {
    const change = await decide(view);
    if (!change.ok) return change;
    if (change.changes.length === 0) return { ok: true, commit: null };
    return { to: await commitOnTip(queue.port, view.tip, change.changes, `${change.subject}\n`) };
  } catch (error) {
    if (!(error instanceof DamagedCloneError)) throw error;
    const remade = await queue.remake(error.message);
    return remade.ok ? 'damaged' : remade;
  }
}
