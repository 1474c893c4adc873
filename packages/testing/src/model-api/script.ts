import type { MessagesBody, Reply, Step } from './step.ts';

/** Chooses the reply to each request of the main loop. */
export class Script {
  #steps: readonly Step[] = [];
  #position = 0;
  /** `streaming`: clients begin a broken stream anew, once or twice, before they ask without streaming. */
  #broken: { reply: Reply; phase: 'streaming' | 'fallback' } | null = null;

  /** Starts over with these steps. */
  load(steps: readonly Step[]): void {
    if (steps.length === 0) throw new Error('a script needs at least one step: the last one repeats');
    this.#steps = steps;
    this.#position = 0;
    this.#broken = null;
  }

  /** The reply to the next request, or null without a script. A broken stream, its repetitions and its fallback are one step. */
  next(body: MessagesBody): Reply | null {
    if (this.#broken !== null && body.stream !== true) {
      this.#broken.phase = 'fallback';
      return this.#broken.reply;
    }
    if (this.#broken?.phase === 'fallback') this.#advance();
    this.#broken = null;
    const step = this.#steps[this.#position];
    if (step === undefined) return null;
    const reply = typeof step === 'function' ? step(body) : step;
    const said = reply.kind === 'held' ? reply.reply : reply;
    if (body.stream === true && (said.kind === 'break' || said.kind === 'failure-in-stream')) {
      this.#broken = { reply: said, phase: 'streaming' };
    } else {
      this.#advance();
    }
    return reply;
  }

  #advance(): void {
    this.#position = Math.min(this.#position + 1, this.#steps.length - 1);
  }
}
