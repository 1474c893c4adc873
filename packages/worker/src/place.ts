import type { AgentEnd } from '@errand/agents';
import { prepareDirectory, prepareWorktree, type Workspace, type Worktree } from '@errand/workspace';
import type { ChosenSession } from './choose-session.ts';
import { type Execution, failed, stoppedBefore } from './execution.ts';

/** Where an attempt works, and what its processes get in their environment for that. */
export interface Place {
  workspace: Workspace;
  worktree: Worktree | null;
  env: { readonly [name: string]: string };
}

export type PreparedPlace = { ok: true; place: Place } | { ok: false; end: AgentEnd };

/** A worktree of the task's repository, or a folder; for a session that goes on the one that it knows, if that is still there. */
export async function preparePlace(
  { worker, machine, held, work, switches }: Execution,
  session: ChosenSession,
): Promise<PreparedPlace> {
  const { id, attempt, nonce } = held;
  const { task } = work;
  const { stateDir } = machine;
  if (task.repo === undefined) {
    const { directory } = worker.machine;
    const reuse = session.memory?.cwd;
    const prepared = await prepareDirectory({
      stateDir,
      id,
      attempt,
      nonce,
      ...(directory && { directory }),
      ...(reuse && { reuse }),
    });
    if (!prepared.ok) return { ok: false, end: failed(prepared.message, prepared.hint) };
    return { ok: true, place: { workspace: prepared.workspace, worktree: null, env: {} } };
  }
  const { repos } = worker.queue.config;
  const remote = Object.hasOwn(repos, task.repo) ? repos[task.repo] : /[/:]/.test(task.repo) ? task.repo : undefined;
  if (remote === undefined) {
    const cause = `${task.repo} is not the name of a repository: add it to \`repos\` in config/errand.yaml, or write the git URL`;
    return { ok: false, end: { outcome: 'refused', cause, answer: '' } };
  }
  const allowed = worker.machine.policy.repos;
  if (allowed !== 'any' && !allowed.some((prefix) => isWithin(remote, prefix))) {
    const hint = `Add it, or the start of its address, to policy.repos in the configuration of ${worker.machine.machine}.`;
    const cause = `${worker.machine.machine} does not let tasks work in ${hideSecrets(remote)}`;
    return { ok: false, end: { outcome: 'refused', cause, answer: hint } };
  }
  const preparing = prepareWorktree({
    stateDir,
    id,
    attempt,
    nonce,
    remote,
    base: task.base ?? null,
    env: machine.env,
    identity: machine.identity,
    signal: switches.signal,
    timeoutMs: task.timeoutMs,
    ...(session.memory?.worktree ? { takeOver: session.memory.worktree as Worktree['kept'] } : {}),
  });
  // Waiting for another attempt's clone takes long, and nobody waits for this one any more.
  const prepared = await Promise.race([preparing, whenAborted(switches.signal)]);
  if (prepared === null) return { ok: false, end: stoppedBefore(switches.stopped ?? 'fenced') };
  if (!prepared.ok) {
    if (switches.stopped !== null) return { ok: false, end: stoppedBefore(switches.stopped) };
    const outcome = prepared.cause === 'unavailable' ? 'unavailable' : 'failed';
    return { ok: false, end: { outcome, cause: prepared.message, answer: prepared.hint } };
  }
  const { workspace, worktree, env } = prepared;
  return { ok: true, place: { workspace, worktree, env } };
}

/** `https://host/me/` allows what is below it, `https://host/me/a.git` that repository alone. */
function isWithin(remote: string, prefix: string): boolean {
  return remote === prefix || (/[/:]$/.test(prefix) && remote.startsWith(prefix) && !remote.includes('..'));
}

function hideSecrets(remote: string): string {
  return remote.replace(/^([a-z+]+:\/\/)[^@/]*@/i, '$1');
}

function whenAborted(signal: AbortSignal): Promise<null> {
  if (signal.aborted) return Promise.resolve(null);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }));
}
