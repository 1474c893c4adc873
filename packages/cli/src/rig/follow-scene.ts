import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { branchRef, commitOnTip, openQueue, type Queue, taskRef, workerRef, writeLoose, writeRecord } from '@errand/queue';
import { type Heartbeat, type Record, type Result, renderResult, resultPath } from '@errand/task';
import { MemoryPort, MemoryRemote, temporaryDirectory } from '@errand/testing';
import { logFolder } from '../follow/attempt-logs.ts';

/** A queue in memory, with a state directory on this disk, and everything that people and workers do to a queue. */
export class FollowScene implements AsyncDisposable {
  readonly remote = new MemoryRemote();
  readonly queue: Queue;
  readonly #folder = temporaryDirectory();
  readonly #others = new MemoryPort({ remote: this.remote, branch: 'main' });

  constructor() {
    const clock = { wallMs: () => Date.now(), elapsedMs: () => performance.now() };
    const port = new MemoryPort({ remote: this.remote, branch: 'main' });
    this.queue = openQueue({ remote: 'memory:queue', branch: 'main', stateDir: this.stateDir, clock, port });
  }

  get stateDir(): string {
    return this.#folder.path;
  }

  /** One commit on the branch; null takes a file away. */
  async commit(files: { readonly [path: string]: string | null }): Promise<void> {
    const expect = this.remote.refs.get(branchRef('main')) ?? null;
    await this.#others.fetch();
    const changes = [];
    for (const [path, text] of Object.entries(files)) {
      changes.push({ path, blob: text === null ? null : await this.#others.writeBlob(text) });
    }
    await this.#push(branchRef('main'), await commitOnTip(this.#others, expect, changes, 'change\n'), expect);
  }

  async finish(result: Result): Promise<void> {
    await this.commit({ [resultPath(result.id, result.finished_at)]: renderResult(result) });
  }

  async record(id: string, record: Record | null): Promise<void> {
    const to = record === null ? null : await writeRecord(this.#others, `${record.state}: ${id}`, record, null);
    await this.#push(taskRef(id), to, this.remote.refs.get(taskRef(id)) ?? null);
  }

  async beat(heartbeat: Heartbeat): Promise<void> {
    const ref = workerRef(heartbeat.machine);
    await this.#push(ref, await writeLoose(this.#others, 'beat', heartbeat), this.remote.refs.get(ref) ?? null);
  }

  /** Returns once somebody has looked at everything that was pushed before this call. */
  async looked(): Promise<void> {
    let left = 2;
    await new Promise<void>((resolve) => {
      this.remote.beforeRequest = async (request) => {
        // The second one begins when the first one is over.
        if (request === 'fetch' && --left === 0) resolve();
      };
    });
  }

  /** What an attempt on this machine said: lines of its log, without their ends. */
  async log(id: string, nonce: string, ...lines: string[]): Promise<void> {
    await mkdir(logFolder(this.stateDir, id), { recursive: true });
    await appendFile(join(logFolder(this.stateDir, id), `${nonce}.jsonl`), lines.map((line) => `${line}\n`).join(''));
  }

  async #push(ref: string, to: string | null, expect: string | null): Promise<void> {
    const pushed = await this.#others.push([{ ref, to, expect }]);
    if (!pushed.ok) throw new Error(`${ref} was not pushed: ${JSON.stringify([...pushed.refs])}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** A pace without pauses: a test waits for what it made happen. */
export const AT_ONCE = { quickMs: 1, slowMs: 1, restMs: 1 };

/** A nonce of the right shape; a higher number gives a later one. */
export const nonceOf = (number: number): string => `01KAB3Z0T9M6Y4V1Q8E7R${String(number).padStart(5, '0')}`;

export function beatOf(machine: string, changes: Partial<Heartbeat> = {}): Heartbeat {
  return {
    schema: 1,
    machine,
    boot: `boot-${machine}`,
    state: 'running',
    runs: [],
    version: '0.1.0',
    slots: 8,
    capabilities: [],
    agents: { command: {} },
    default_agent: 'command',
    interval_s: 60,
    ttl_s: 180,
    at: new Date().toISOString(),
    nonce: nonceOf(1),
    ...changes,
  };
}

export function claimOf(id: string, changes: Partial<Extract<Record, { state: 'claimed' }>> = {}): Record {
  return {
    schema: 1,
    id,
    state: 'claimed',
    nonce: nonceOf(2),
    task: 'a'.repeat(40),
    attempt: 1,
    worker: 'pi',
    boot: 'boot-pi',
    claimed_at: '2026-11-20T09:00:00.000Z',
    tier: 'haiku',
    attempts: [],
    ...changes,
  };
}

export function resultOf(id: string, changes: Partial<Result> = {}): Result {
  const ended_at = '2026-11-20T09:03:12.000Z';
  const attempt = { attempt: 1, worker: 'pi', agent: 'command', ended_at, outcome: 'done', task: 'a'.repeat(40) } as const;
  return {
    schema: 1,
    id,
    state: 'done',
    task: 'a'.repeat(40),
    nonce: nonceOf(2),
    finished_at: ended_at,
    attempts: [{ ...attempt, tier: 'haiku', started_at: '2026-11-20T09:00:00.000Z' }],
    answer: 'the answer',
    taskText: 'Do it.\n',
    ...changes,
  };
}
