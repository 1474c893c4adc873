import { firstByRendezvous, type View } from '@errand/planner';
import type { WorkerContext } from './context.ts';

/** A log may be opened long after a twin came: it is told again so often. */
const TWIN_REMINDER_MS = 3_600_000;

/** Tells people what a view shows that only they can change, each thing once. */
export class ViewTeller {
  readonly #context: WorkerContext;
  #invalid: Set<string> = new Set();
  #configBlob: string | null = null;
  #branchGone = false;
  #twinToldAt: number | null = null;

  constructor(context: WorkerContext) {
    this.#context = context;
  }

  /** The queue's file has problems. */
  tellConfig(view: View): void {
    const { queue, emit } = this.#context;
    const blob = view.config?.blob ?? null;
    if (blob === this.#configBlob) return;
    this.#configBlob = blob;
    if (queue.configProblems.length > 0) emit({ type: 'config-invalid', problems: queue.configProblems });
  }

  /** One worker, the first by rendezvous hash among the live, tells of an invalid file, once per blob. */
  tellInvalid(view: View): void {
    const { observations, machine, emit } = this.#context;
    const invalid = [...view.tasks.values()].filter(({ parsed }) => parsed?.ok === false);
    this.#invalid = new Set(invalid.map(({ path, blob }) => `${path} ${blob}`).filter((known) => this.#invalid.has(known)));
    for (const { path, blob, parsed } of invalid) {
      if (parsed === null || parsed.ok || this.#invalid.has(`${path} ${blob}`)) continue;
      if ((firstByRendezvous(view, observations, blob) ?? machine.machine) !== machine.machine) continue;
      this.#invalid.add(`${path} ${blob}`);
      emit({ type: 'invalid', path, blob, problems: parsed.problems });
    }
  }

  /** `isGone`: a branch that was seen before is not there. */
  tellBranch(isGone: boolean): void {
    if (isGone && !this.#branchGone) {
      const text = 'the branch is gone from the remote; nothing is claimed or recorded until it is back';
      this.#context.emit({ type: 'trouble', duty: 'look', text });
    }
    this.#branchGone = isGone;
  }

  /** `isThere`: another worker uses this worker's name. */
  tellTwin(isThere: boolean): void {
    const { clock, emit, machine } = this.#context;
    if (!isThere) this.#twinToldAt = null;
    else if (this.#twinToldAt === null || clock.elapsedMs() - this.#twinToldAt >= TWIN_REMINDER_MS) {
      this.#twinToldAt = clock.elapsedMs();
      const text = `another worker uses the name ${machine.machine}: rename one of them (machine: in its configuration), or stop it`;
      emit({ type: 'twin', machine: machine.machine, text });
    }
  }
}
