import { type View, workerState } from '@errand/planner';
import type { Becomes, Fold } from '@errand/queue';
import type { Result } from '@errand/task';
import type { WorkerContext } from './context.ts';
import type { HeldAttempt } from './held.ts';
import { readRecorded } from './recorded.ts';

export function isRecorded(becomes: Becomes): becomes is Result['state'] {
  return becomes !== 'superseded' && becomes !== 'reopened';
}

/** Of a recorded result people hear from the worker that ran it, and where that is gone from whoever records it. */
export async function tellPeople({ held, notifier, observations }: WorkerContext, view: View, result: Result): Promise<void> {
  const owner = result.attempts.at(-1)?.worker;
  const isMine = held.has(result.nonce);
  if (isMine || owner === undefined || workerState(observations, view, owner) !== 'live') await notifier.finished(result);
}

/** Tells what became of an item of a fold that was accepted. */
export async function tellFolded(
  worker: WorkerContext,
  view: View,
  { id, nonce, becomes }: Fold['items'][number],
): Promise<void> {
  const { held, emit } = worker;
  if (isRecorded(becomes)) return emit({ type: 'recorded', id, state: becomes, byMe: true });
  if (becomes === 'reopened') return emit({ type: 'retrying', id, reason: 'its file is there again' });
  const mine = held.all().find((one) => one.nonce === nonce);
  if (mine) await tellSuperseded(worker, view, mine);
}

/** The result that was there may be this very one: a server that died in the middle of a push can leave the record behind. */
async function tellSuperseded(worker: WorkerContext, view: View, { id, nonce, phase }: HeldAttempt): Promise<void> {
  const { emit, starter, notifier } = worker;
  if (phase.name !== 'concluded' || phase.conclusion.kind !== 'result') return;
  const recorded = await readRecorded(worker, view, id);
  if (recorded.kind === 'result' && recorded.head?.nonce === nonce) {
    const told = recorded.whole();
    if (told) await notifier.finished(told);
    return emit({ type: 'recorded', id, state: recorded.head.state, byMe: true });
  }
  const keptAt = await starter.keep(phase.conclusion.result);
  emit({ type: 'fenced', id, keptAt, text: `nothing is recorded for ${id}: it has a result already` });
}
