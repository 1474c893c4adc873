import { type View, workerState } from '@errand/planner';
import type { Becomes, Fold } from '@errand/queue';
import type { Result } from '@errand/task';
import type { WorkerContext } from './context.ts';
import type { HeldAttempt } from './held.ts';
import { readRecorded } from './recorded.ts';

export function isRecorded(becomes: Becomes): becomes is Result['state'] {
  return becomes !== 'superseded' && becomes !== 'reopened';
}

/**
 * Of a recorded result people hear from the worker that ran it, and from whoever records it where that is gone, or was lost for a while:
 * back again, it may know nothing of the attempt.
 */
export async function tellPeople(worker: WorkerContext, view: View, result: Result): Promise<void> {
  if (worker.held.has(result.nonce) || !isOwnersToTell(worker, view, result)) await worker.notifier.finished(result);
}

function isOwnersToTell({ observations }: WorkerContext, view: View, { attempts }: Result): boolean {
  const last = attempts.at(-1);
  return last !== undefined && last.outcome !== 'lost' && workerState(observations, view, last.worker) === 'live';
}

/** Results of others in folds that had no answer: once a view shows that they are recorded, people hear of them as of any other. */
export class Unanswered {
  readonly #worker: WorkerContext;
  readonly #results = new Map<string, Result>();

  constructor(worker: WorkerContext) {
    this.#worker = worker;
  }

  note(results: readonly Result[]): void {
    for (const result of results) if (!this.#worker.held.has(result.nonce)) this.#results.set(result.nonce, result);
  }

  /** It is recorded, and told. */
  forget(nonce: string): void {
    this.#results.delete(nonce);
  }

  async settle(view: View): Promise<void> {
    for (const [nonce, { id }] of this.#results) {
      const recorded = await readRecorded(this.#worker, view, id);
      // Such a fold may yet be applied.
      const isWaiting = recorded.kind === 'none' && view.records.get(id)?.value.nonce === nonce;
      if (recorded.kind === 'unknown' || isWaiting) continue;
      this.#results.delete(nonce);
      const told = recorded.kind === 'result' && recorded.head?.nonce === nonce ? recorded.whole() : null;
      if (told !== null) await tellPeople(this.#worker, view, told);
    }
  }
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
