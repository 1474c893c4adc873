/** How loudly a phone tells it: 1 is silent, 3 the default, 5 breaks through "do not disturb". */
export type Priority = 1 | 2 | 3 | 4 | 5;

/** The words for priorities in configuration files; `off` tells nothing at all. */
export type PriorityWord = 'min' | 'low' | 'default' | 'high' | 'urgent' | 'off';

/** What can be given a priority of its own. */
export type OccasionName = 'queued' | 'done' | 'failed' | 'cancelled' | 'dead-worker' | 'attention';

/** What somebody should hear of. */
export type Occasion =
  | { kind: 'queued'; id: string; title: string; machine: string }
  | {
      kind: 'finished';
      id: string;
      /** Of the recorded attempt: the same end is told once, a retry is told again. */
      nonce: string;
      title: string;
      state: 'done' | 'failed' | 'cancelled';
      outcome?: string;
      worker: string;
      tier?: string;
      tookMs?: number;
      costUsd?: number;
      answer: string;
      /** From the queue's root: `results/<day>/<id>.md`. */
      resultPath: string;
    }
  | {
      kind: 'dead-worker';
      machine: string;
      /** The tasks that it was running. */
      ids: readonly string[];
      /** The machine that noticed. */
      by: string;
      /** The heartbeat that was found stale; tells one death of a machine from its next. */
      staleOid?: string;
    }
  | {
      kind: 'attention';
      about: 'login' | 'limit' | 'invalid-file' | 'moved-back' | 'refused' | 'twin';
      /** Tells this trouble from the next one of its kind. */
      key: string;
      title: string;
      text: string;
      /** A file in the queue to open, from its root. */
      path?: string;
    };

/** One message to people, ready to be published. */
export interface Notification {
  /** What is told at most once: two notifications with one key are the same. */
  key: string;
  topic: string;
  /** One line of plain text. */
  title: string;
  /** Plain text, at most 4,095 bytes of UTF-8. */
  message: string;
  priority: Priority;
  /** Short codes of emoji, which ntfy puts before the title. */
  tags: string[];
  /** What opens on a tap. */
  click?: string;
}
