import type { UnitRef } from '@errand/workspace';
import { endLeftover } from '@errand/workspace';
import type { WorkerContext } from './context.ts';

/**
 * Takes up what an earlier boot left in the journal, before the first claim: its processes are ended, what it concluded is
 * folded, and what was running when it died is lost. A claim that never started is not in the journal and is given back.
 */
export async function recoverJournal(worker: WorkerContext): Promise<void> {
  const { journal, held } = worker;
  for (const entry of await journal.read()) {
    if (entry.unit !== null) await endLeftover(entry.unit as UnitRef);
    const { id, nonce, attempt, startedAt, started = null, conclusion } = entry;
    held.add({
      id,
      nonce,
      attempt,
      phase: conclusion ? { name: 'concluded', conclusion } : { name: 'lost', startedAt, started },
    });
  }
}
