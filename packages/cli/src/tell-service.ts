import type { SystemdVoice } from '@errand/service';
import type { WorkerEvent } from '@errand/worker';
import { oneLine } from './table.ts';

/** What of a worker's life its service manager is told. */
export class ServiceTeller {
  readonly #voice: SystemdVoice;
  readonly #endMs: number;
  readonly #running = new Set<string>();
  /** Why it may claim nothing, until a sign of life of its own is taken. */
  #hindrance: string | null = null;
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
        this.#voice.step();
        break;
      case 'push-ended':
        this.#voice.step();
        // Both carry the heartbeat.
        if (event.ok && (event.purpose === 'heartbeat' || event.purpose === 'claim')) this.#hinder(null);
        break;
      case 'twin':
        this.#hinder(event.text);
        break;
      case 'refused':
        // What is refused of single tasks hinders no other.
        if (event.ids.length === 0) this.#hinder(event.text);
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

  #hinder(why: string | null): void {
    if (why === this.#hindrance) return;
    this.#hindrance = why;
    this.#voice.status(this.#describe());
  }

  #describe(): string {
    const runs = this.#running.size === 0 ? '' : `runs ${[...this.#running].sort().join(', ')}`;
    if (this.#stops) return runs === '' ? 'stops' : `stops; ${runs}`;
    if (this.#hindrance !== null) return `claims nothing: ${oneLine(this.#hindrance)}${runs && `; ${runs}`}`;
    return runs || 'waits for tasks';
  }
}
