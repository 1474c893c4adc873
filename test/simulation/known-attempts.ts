import type { AttemptEntry } from '@errand/task';

/** Attempts that records have told of, by id: none may vanish from what is told later. */
export class KnownAttempts {
  readonly #told = new Map<string, readonly AttemptEntry[]>();
  /** Attempts from before a person took a task or its result away: these may. */
  readonly #excused = new Map<string, Set<string>>();

  /** Takes in what is told of a task now. Says which of the attempts that were told before are not there any more, or null. */
  look(id: string, attempts: readonly AttemptEntry[]): string | null {
    const before = (this.#told.get(id) ?? []).filter((attempt) => !this.#excused.get(id)?.has(nameOf(attempt)));
    const vanished = before.filter((attempt) => !attempts.some((other) => isToldBy(attempt, other)));
    this.#told.set(id, attempts);
    if (vanished.length === 0) return null;
    return `attempts of ${id} are not there any more: ${vanished.map(describe).join('; ')} (there are ${attempts.map(describe).join('; ') || 'none'})`;
  }

  /** Somebody asks for it from the beginning, or does not want it any more, whatever else its record may tell. */
  forget(id: string, recorded: readonly AttemptEntry[] = []): void {
    const excused = this.#excused.get(id) ?? new Set<string>();
    for (const attempt of [...(this.#told.get(id) ?? []), ...recorded]) excused.add(nameOf(attempt));
    this.#excused.set(id, excused);
    this.#told.delete(id);
  }
}

/** Alike attempts are told as one, with how many they were, from the start of the first to the end of the last. */
function isToldBy(attempt: AttemptEntry, other: AttemptEntry): boolean {
  return nameOf(attempt) === nameOf(other) && (other.count ?? 1) >= (attempt.count ?? 1);
}

function nameOf({ worker, outcome, started_at, ended_at }: AttemptEntry): string {
  return `${worker} ${outcome} ${started_at ?? ended_at}`;
}

function describe({ attempt, worker, outcome, count = 1 }: AttemptEntry): string {
  return `${attempt} on ${worker}: ${outcome}${count > 1 ? ` (${count} times)` : ''}`;
}
