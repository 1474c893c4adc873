import type { WorkerContext } from '../context.ts';
import type { Duty } from './duty.ts';

/** Ends the pause of an agent without a login as soon as one of its keys has changed: whoever corrects it needs no restart. */
export class LoginWatcher implements Duty {
  readonly name = 'logins';
  readonly #worker: WorkerContext;

  constructor(worker: WorkerContext) {
    this.#worker = worker;
  }

  async tend(): Promise<void> {
    const { agents, pauses, starter, heartbeat, emit, wakeups } = this.#worker;
    for (const agent of agents) {
      if (pauses.get(agent)?.about !== 'login' || !(await starter.refresh(agent))) continue;
      await pauses.clear(agent, Number.POSITIVE_INFINITY);
      heartbeat.noteNews();
      emit({ type: 'resumed', agent });
      wakeups.now();
    }
  }
}
