import type { SystemdVoice } from '@errand/service';
import type { WorkerEvent } from '@errand/worker';
import { oneLine } from './table.ts';

/** What of a worker's life its service manager is told. */
export class ServiceTeller {
  readonly #voice: SystemdVoice;
  readonly #endMs: number;
  readonly #running = new Set<string>();
  #stops = false;

  /** `endMs`: what the worker takes to end its attempts and to give them back, after their grace. */
  constructor(voice: SystemdVoice, endMs: number) {
    this.#voice = voice;
    this.#endMs = endMs;
  }

  /** Only the loop's own events are steps of it: an agent that talks says nothing about the loop. */
  hear(event: WorkerEvent): void {
    switch (event.type) {
      case 'looking':
      case 'push-started':
      case 'push-ended':
        this.#voice.step();
        break;
      case 'resting':
        this.#voice.rest(event.forMs);
        break;
      case 'polled':
        this.#voice.step();
        this.#voice.ready(this.#describe());
        break;
      case 'poll-failed': {
        const what = event.refused ? 'the queue does not let this machine in' : 'the queue does not answer';
        this.#voice.step();
        this.#voice.status(`${what}: ${oneLine(event.cause)}`);
        break;
      }
      case 'spawned':
        this.#running.add(event.id);
        this.#voice.status(this.#describe());
        break;
      case 'ended':
        this.#running.delete(event.id);
        this.#voice.status(this.#describe());
        break;
      case 'stopping':
        this.#stops = true;
        this.#voice.stopping(event.graceMs + this.#endMs, this.#describe());
        break;
      default:
        break;
    }
  }

  #describe(): string {
    const runs = this.#running.size === 0 ? '' : `runs ${[...this.#running].sort().join(', ')}`;
    if (this.#stops) return runs === '' ? 'stops' : `stops; ${runs}`;
    return runs || 'waits for tasks';
  }
}
