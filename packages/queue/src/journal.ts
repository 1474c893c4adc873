import { join } from 'node:path';
import type { AttemptEntry, Result, Tier, WaitingNext } from '@errand/task';
import { readJsonFolder, removeDurably, writeDurably } from './durable-file.ts';

/** What an attempt came to, decided and waiting to be told to the queue. */
export type Conclusion =
  | { kind: 'result'; result: Result }
  | { kind: 'waiting'; attempts: AttemptEntry[]; reason: string; next?: WaitingNext };

/** What an attempt was started as: what is said of it should its worker die. */
export interface StartedAs {
  agent: string;
  model: string;
  tier: Tier;
  tier_reason: string;
  /** The agent's session, where it has any. */
  session?: string;
}

/**
 * What must survive the worker about one attempt, by its nonce. It is written before the agent starts (`unit` tells the
 * next boot what to end) and again when the attempt is concluded (the next boot folds it). Anything else is in the refs.
 */
export interface JournalEntry {
  id: string;
  nonce: string;
  boot: string;
  attempt: number;
  startedAt: string;
  /** Absent before the agent is known, and in entries of earlier versions. */
  started?: StartedAs;
  /** What the workspace needs to end the leftovers of this attempt, as it described it; null before anything was started. */
  unit: unknown;
  conclusion: Conclusion | null;
}

/** The attempts of this machine that are not told to the queue yet, as plain fsynced files. */
export class Journal {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async write(entry: JournalEntry): Promise<void> {
    await writeDurably(this.#path(entry.nonce), `${JSON.stringify(entry, null, 2)}\n`);
  }

  async remove(...nonces: string[]): Promise<void> {
    await removeDurably(...nonces.map((nonce) => this.#path(nonce)));
  }

  async read(): Promise<JournalEntry[]> {
    return [
      ...(
        await readJsonFolder<JournalEntry>(this.#folder, ['id', 'nonce', 'attempt', 'startedAt', 'unit', 'conclusion'])
      ).values(),
    ];
  }

  #path(nonce: string): string {
    return join(this.#folder, `${nonce}.json`);
  }
}
