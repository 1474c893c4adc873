import { appendAttempt, planRescues, type Rescue, type View } from '@errand/planner';
import { buildRescue, type LostClaim, readTaskText } from '@errand/queue';
import type { AttemptEntry, Heartbeat } from '@errand/task';
import { isoNow, type WorkerContext } from '../context.ts';
import { describeLoss } from '../describe-loss.ts';
import type { Duty } from './duty.ts';

/** Frees the claims of machines that are lost, so that somebody else can run their tasks. */
export class Rescuer implements Duty {
  readonly name = 'rescue';
  readonly pushes = true;
  readonly #worker: WorkerContext;

  constructor(worker: WorkerContext) {
    this.#worker = worker;
  }

  async tend(view: View): Promise<void> {
    const { observations, machine, boot } = this.#worker;
    const rescues = planRescues(view, observations, { machine: machine.machine, boot });
    for (const rescue of rescues) await this.#rescue(view, rescue);
  }

  async #rescue(view: View, rescue: Rescue): Promise<void> {
    const { queue, pusher, machine, clock, newNonce, emit, wakeups } = this.#worker;
    const claims: LostClaim[] = [];
    const last = view.workers.get(rescue.machine)?.value ?? null;
    for (const claim of rescue.claims) {
      const lost = await this.#lose(claim, view, last);
      if (lost !== null) claims.push(lost);
    }
    if (claims.length === 0) return;
    const tombstone = { by: machine.machine, at: isoNow(clock), nonce: newNonce(), last };
    const updates = await buildRescue(queue.port, view, rescue, claims, tombstone);
    const outcome = await pusher.push('rescue', updates, { atomic: true });
    if (!outcome.ok) return;
    const reason = rescue.claims[0]?.reason ?? 'stale';
    const ids = claims.map(({ claim }) => claim.id);
    emit({ type: 'rescued', machine: rescue.machine, ids, reason, heartbeat: rescue.heartbeatOid });
    wakeups.now();
  }

  /** Null where the text of a task that is to be given up cannot be read just now: its result would not say what it was. */
  async #lose(claim: Rescue['claims'][number], view: View, heartbeat: Heartbeat | null): Promise<LostClaim | null> {
    const { queue, clock, newNonce, machine, observations } = this.#worker;
    const { record } = claim;
    const { why, where } = describeLoss(claim, { by: machine.machine, heartbeat, observations });
    const entry: AttemptEntry = {
      attempt: record.attempt,
      worker: record.worker,
      ...agentOf(claim, view, heartbeat),
      ...(record.tier && { tier: record.tier }),
      started_at: record.claimed_at,
      ended_at: isoNow(clock),
      outcome: 'lost',
      cause: `${why}; ${where}`,
      task: record.task,
    };
    const attempts = appendAttempt(record.attempts, entry);
    const reason = `lost on ${record.worker}: ${why}`;
    if (!claim.giveUp) return { claim, attempts, giveUp: null, reason, nonce: newNonce() };
    const taskText = await readTaskText(queue.port, record.task);
    if (taskText === null) return null;
    const giveUp = {
      schema: 1 as const,
      id: record.id,
      state: 'failed' as const,
      task: record.task,
      nonce: record.nonce,
      finished_at: entry.ended_at,
      attempts,
      answer: `The task was lost ${attempts.filter(({ outcome }) => outcome === 'lost').length} times in a row. The last time: ${why}.`,
      taskText,
    };
    return { claim, attempts, giveUp, reason, nonce: newNonce() };
  }
}

/** Which agent had it: as the owner's last heartbeat says, or the task, or what that machine takes where the task names none. */
function agentOf(
  { id, record }: Rescue['claims'][number],
  view: View,
  heartbeat: Heartbeat | null,
): Pick<AttemptEntry, 'agent' | 'model'> {
  const run = heartbeat?.runs.find(({ nonce }) => nonce === record.nonce);
  if (run?.agent !== undefined) return { agent: run.agent, ...(run.model !== undefined && { model: run.model }) };
  const file = view.tasks.get(id);
  const named = file?.blob === record.task && file.parsed?.ok ? file.parsed.value.agent : 'auto';
  return { agent: named === 'auto' ? (heartbeat?.default_agent ?? 'unknown') : named };
}
