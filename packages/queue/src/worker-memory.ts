import { dirname, join } from 'node:path';
import type { Held } from '@errand/planner';
import type { Heartbeat } from '@errand/task';
import { readIfThere, removeDeadDrafts, writeDurably } from './durable-file.ts';

/** What a worker remembers of itself across restarts: its boots, and every heartbeat that it may have pushed. */
export interface WorkerMemory {
  boots: string[];
  heartbeats: string[];
}

/** The name of the file within the folder of a queue. */
export const WORKER_MEMORY = 'worker.json';

const KEEP = 64;

/**
 * A heartbeat ref is forced only over an oid that this worker wrote, and a claim of an earlier boot of this very state
 * directory is its own leftover. Both need a memory that a crash does not take: an oid is written here before it is pushed.
 */
export class WorkerMemoryFile {
  readonly #path: string;
  #memory: WorkerMemory = { boots: [], heartbeats: [] };

  constructor(path: string) {
    this.#path = path;
  }

  async load(boot: string): Promise<void> {
    await removeDeadDrafts(dirname(this.#path));
    const text = await readIfThere(this.#path);
    const { boots, heartbeats } = text === null ? this.#memory : readMemory(text);
    await this.#save({ boots: [...boots, boot].slice(-KEEP), heartbeats });
  }

  isMyBoot(boot: string): boolean {
    return this.#memory.boots.includes(boot);
  }

  isMyHeartbeat(oid: string): boolean {
    return this.#memory.heartbeats.includes(oid);
  }

  async rememberHeartbeat(oid: string): Promise<void> {
    const { boots, heartbeats } = this.#memory;
    await this.#save({ boots, heartbeats: [...heartbeats, oid].slice(-KEEP) });
  }

  /**
   * What could not be written is not remembered either: it is not pushed, and must not take the place of what was. No fsync: after a
   * power cut the worker is at worst taken for a twin of itself, for one ttl.
   */
  async #save(memory: WorkerMemory): Promise<void> {
    await writeDurably(this.#path, `${JSON.stringify(memory)}\n`, { sync: false });
    this.#memory = memory;
  }
}

/** What a worker of this queue folder remembers of itself, for who only looks; null where none has ever run here. */
export async function readWorkerMemory(queueDir: string): Promise<WorkerMemory | null> {
  const text = await readIfThere(join(queueDir, WORKER_MEMORY));
  return text === null ? null : readMemory(text);
}

/**
 * Whether what beats under this machine's name is the worker of another state directory, as far as can be seen from here. Null for
 * `mine`: none has ever run from this one, so whatever runs is another.
 */
export function isBeatOfTwin(mine: WorkerMemory | null, { oid, value }: Held<Heartbeat>): boolean {
  if (value.state !== 'running') return false;
  return mine === null || !(mine.heartbeats.includes(oid) || mine.boots.includes(value.boot));
}

function readMemory(text: string): WorkerMemory {
  try {
    const { boots, heartbeats } = JSON.parse(text) as Partial<WorkerMemory>;
    return { boots: Array.isArray(boots) ? boots : [], heartbeats: Array.isArray(heartbeats) ? heartbeats : [] };
  } catch {
    return { boots: [], heartbeats: [] };
  }
}
