import type { WorkerEvent } from '@errand/worker';
import type { Run } from './evidence.ts';

/** How a holder was lost to its task. */
export type Loss = 'died' | 'stopped' | 'cut off';

export interface PickUp {
  id: string;
  loss: Loss;
  /** From the moment in which the holder was struck to the start of the next attempt, milliseconds. */
  tookMs: number;
}

interface Orphan {
  machine: string;
  attempt: number;
  loss: Loss;
  sinceMs: number;
}

/** Which machine works on what, as the machines tell it, and how long work waits whose holder was struck. */
export class Orphans {
  readonly pickUps: PickUp[] = [];
  /** Orphans that were recorded without another attempt: a result was there already, or two losses in a row ended the task. */
  recordedAsTheyWere = 0;
  /** Orphans whose holder went on itself. */
  heldOn = 0;
  readonly #held = new Map<string, Map<string, number>>();
  readonly #orphans = new Map<string, Orphan>();

  hear(machine: string, event: WorkerEvent): void {
    switch (event.type) {
      case 'claimed':
        this.#of(machine).set(event.id, event.attempt);
        return;
      case 'ended':
      case 'retrying':
      case 'given-back':
      case 'parked':
      case 'fenced':
        this.#letGo(machine, event.id);
        return;
      case 'recorded':
        this.#letGo(machine, event.id);
        if (this.#orphans.delete(event.id)) this.recordedAsTheyWere += 1;
        return;
      default:
        return;
    }
  }

  /** The machine's worker was struck: all it holds waits from now on, if it does not go on by itself. */
  lose(machine: string, loss: Loss): void {
    for (const [id, attempt] of this.#of(machine)) {
      const known = this.#orphans.get(id);
      if (known?.machine !== machine) this.#orphans.set(id, { machine, attempt, loss, sinceMs: Date.now() });
      // What dies while it is stopped has been waiting since then, and its holder does not go on any more.
      else if (loss === 'died') known.loss = loss;
    }
    if (loss === 'died') this.#held.delete(machine);
  }

  start({ id, attempt, machine, startMs }: Run): void {
    const orphan = this.#orphans.get(id);
    // The line of a run that began before the strike may be read only now.
    if (orphan === undefined || startMs <= orphan.sinceMs) return;
    const isIt = orphan.machine === machine && orphan.attempt === attempt && orphan.loss !== 'died';
    this.#orphans.delete(id);
    if (isIt) this.heldOn += 1;
    else this.pickUps.push({ id, loss: orphan.loss, tookMs: startMs - orphan.sinceMs });
  }

  #letGo(machine: string, id: string): void {
    this.#of(machine).delete(id);
    const orphan = this.#orphans.get(id);
    if (orphan?.machine !== machine || orphan.loss === 'died') return;
    this.#orphans.delete(id);
    this.heldOn += 1;
  }

  #of(machine: string): Map<string, number> {
    const held = this.#held.get(machine) ?? new Map<string, number>();
    this.#held.set(machine, held);
    return held;
  }
}
