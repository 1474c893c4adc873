import type { UnitRef } from '../containment/unit.ts';

/** What the worker tells its guard, one JSON text a line. */
export type GuardOrder =
  | { do: 'watch'; unit: UnitRef; freezeable: boolean }
  | { do: 'unwatch'; id: string }
  /** The worker was in touch with the queue `ageMs` ago; silence counts from then. */
  | { do: 'tick'; ttlMs: number; ageMs: number };

/** What the guard tells its worker. */
export type GuardReport = { did: 'freeze'; id: string };

/** Calls `take` for each whole line of JSON that arrives; a line that is none is left out. */
export function splitLines<T>(take: (message: T) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      let message: T;
      try {
        message = JSON.parse(line) as T;
      } catch {
        continue;
      }
      take(message);
    }
  };
}
