import type { AgentEnd } from '@errand/agents';
import type { Worktree } from '@errand/workspace';
import { type Execution, failed, stoppedBefore } from './execution.ts';

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

/** What was made in the worktree, as commits: what is verified and delivered is this, whatever is left there afterwards. */
export async function commitWork({ held, work }: Execution, worktree: Worktree, end: AgentEnd): Promise<AgentEnd> {
  const committed = await worktree.commit({ subject: work.task.title, id: held.id, attempt: held.attempt });
  if (!committed.ok) return { ...end, ...failed(`what was made could not be committed: ${committed.message}`, end.answer) };
  const { commits } = committed;
  return commits.length === 0 ? end : { ...end, entry: { ...end.entry, branch: worktree.branch, commits } };
}

/**
 * Pushes the commits of a finished attempt, after one more look that its claim is still mine. A worktree whose work is
 * delivered, or in which nothing was made, is removed; any other is kept.
 */
export async function deliverWork(execution: Execution, worktree: Worktree, end: AgentEnd): Promise<AgentEnd> {
  const { held, work, worker, switches } = execution;
  const nothingMade = end.entry?.commits === undefined;
  if (nothingMade) await worktree.discard();
  if (nothingMade || work.task.deliver === 'none') return end;
  worker.emit({ type: 'delivering', id: held.id, attempt: held.attempt });
  worker.wakeups.now();
  if (await switches.confirmed(worker.clock.elapsedMs())) {
    const trouble = await push(execution, worktree);
    const delivered = { ...end, entry: { ...end.entry, branch: worktree.branch } };
    if (trouble === null) await worktree.discard();
    if (trouble === null) return delivered;
    if (switches.stopped === null) return { ...delivered, ...trouble, answer: end.answer };
  }
  return { ...end, ...stoppedBefore(switches.stopped ?? 'fenced'), answer: end.answer };
}

type Trouble = Pick<AgentEnd, 'outcome' | 'cause'>;

/**
 * Pushes until it is answered; null when it is there. A repository that stays away is nobody's fault: the attempt waits, and
 * goes on with its session and its worktree. One that refuses the branch would refuse it the next time too.
 */
async function push({ work, switches, worker }: Execution, worktree: Worktree): Promise<Trouble | null> {
  const giveUpAt = worker.clock.elapsedMs() + work.task.timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    const delivered = await worktree.deliver();
    if (delivered.ok) return null;
    const kept = `the commits are kept in ${worktree.kept.cwd}`;
    if (delivered.cause === 'refused') {
      return { outcome: 'refused', cause: `the branch ${worktree.branch} was not accepted: ${delivered.message}; ${kept}` };
    }
    if (worker.clock.elapsedMs() + pauseMs > giveUpAt || (await switches.stoppedWithin(pauseMs))) {
      const cause = `the repository could not be reached to deliver ${worktree.branch}: ${delivered.message}; ${kept}`;
      return { outcome: 'unavailable', cause };
    }
  }
}
