import { join } from 'node:path';
import { readIfThere, removeDurably, writeDurably } from '@errand/queue';

/** What this machine remembers of an agent's session, so that a later attempt can go on with it. */
export interface SessionMemory {
  session: string;
  /** Id of the task, and the blob of its file that the session is about. */
  id: string;
  blob: string;
  agent: string;
  /** The folder that its last attempt worked in. */
  cwd: string;
  /** What the workspace needs to take a worktree over; null where the task names no repository. */
  worktree: unknown;
  /** The session's cost as the CLI last reported it, US dollars; null where it never did. */
  reportedUsd: number | null;
}

/**
 * The sessions of this machine, one file each, written before their agent starts. A session is gone on with by one attempt
 * at a time: a claim is for one attempt, and only the machine that has the file can.
 */
export class Sessions {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async remember(memory: SessionMemory): Promise<void> {
    await writeDurably(this.#path(memory.session), `${JSON.stringify(memory)}\n`);
  }

  /** The memory of a session of this task and this agent, or null where there is none that can be used. */
  async recall(session: string, { id, blob, agent }: { id: string; blob: string; agent: string }): Promise<SessionMemory | null> {
    if (!/^[\w-]{1,64}$/.test(session)) return null;
    const memory = parse(await readIfThere(this.#path(session)).catch(() => null));
    return memory?.session === session && memory.id === id && memory.blob === blob && memory.agent === agent ? memory : null;
  }

  /** The CLI has told what the session has cost so far, US dollars. */
  async report(session: string, reportedUsd: number): Promise<void> {
    const memory = parse(await readIfThere(this.#path(session)));
    if (memory !== null) await this.remember({ ...memory, reportedUsd });
  }

  async forget(session: string): Promise<void> {
    await removeDurably(this.#path(session));
  }

  #path(session: string): string {
    return join(this.#folder, `${session}.json`);
  }
}

function parse(text: string | null): SessionMemory | null {
  try {
    return text === null ? null : (JSON.parse(text) as SessionMemory);
  } catch {
    return null;
  }
}
