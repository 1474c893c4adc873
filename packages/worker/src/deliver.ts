import type { AgentEnd } from '@errand/agents';
import type { Worktree } from '@errand/workspace';
import { type Execution, failed, stoppedBefore } from './execution.ts';
import type { StopReason } from './run-switches.ts';

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Commits what was made and pushes it, after one more look that the claim is still mine. A worktree whose work is delivered,
 * or in which nothing was made, is removed; any other is kept.
 */
export async function handOver(execution: Execution, worktree: Worktree, end: AgentEnd): Promise<AgentEnd> {
  const { held, work, worker, switches } = execution;
  const { task } = work;
  const entry = { ...end.entry, branch: worktree.branch };
  if (end.outcome !== 'done') return { ...end, entry };
  const committed = await worktree.commit({ subject: task.title, id: held.id, attempt: held.attempt });
  if (!committed.ok)
    return { ...end, entry, ...failed(`what was made could not be committed: ${committed.message}`, end.answer) };
  const { commits } = committed;
  if (commits.length === 0) {
    await worktree.discard();
    const { branch: _, ...plain } = entry;
    return { ...end, entry: plain };
  }
  const made = { ...end, entry: { ...entry, commits } };
  if (task.deliver === 'none') return made;
  worker.emit({ type: 'delivering', id: held.id, attempt: held.attempt });
  worker.wakeups.now();
  if (!(await switches.confirmed(worker.clock.elapsedMs()))) return stopped(made, switches.stopped);
  const refused = await push(execution, worktree);
  if (refused !== null)
    return switches.stopped === null ? { ...made, ...failed(refused, end.answer) } : stopped(made, switches.stopped);
  await worktree.discard();
  return made;
}

/** Pushes until it is answered; null when it is there, else why it is not. */
async function push({ work, switches, worker }: Execution, worktree: Worktree): Promise<string | null> {
  const giveUpAt = worker.clock.elapsedMs() + work.task.timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    const delivered = await worktree.deliver();
    if (delivered.ok) return null;
    const kept = `the commits are kept in ${worktree.kept.cwd}`;
    if (delivered.cause === 'refused') return `the branch ${worktree.branch} was not accepted: ${delivered.message}; ${kept}`;
    if (worker.clock.elapsedMs() + pauseMs > giveUpAt || (await switches.stoppedWithin(pauseMs))) {
      return `the repository could not be reached to deliver ${worktree.branch}: ${delivered.message}; ${kept}`;
    }
  }
}

function stopped(made: AgentEnd, why: StopReason | null): AgentEnd {
  return { ...made, ...stoppedBefore(why ?? 'fenced'), answer: made.answer };
}
