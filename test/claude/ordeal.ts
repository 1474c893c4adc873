import { readFileSync } from 'node:fs';
import { type ClaudeVersion, type ModelApi, mustHaveClaude, startModelApi } from '@errand/testing';
import { claudeOn } from '../rig/claude-on.ts';
import { endProcess, findMarked } from '../rig/processes.ts';
import { TestQueue } from '../rig/test-queue.ts';
import type { WorkerProcess, WorkerProcessOptions } from '../rig/worker-process.ts';
import { cue, playActs } from './acts.ts';
import { hasBegun } from './has-begun.ts';
import type { Trouble } from './troubles.ts';

export interface Meeting {
  machine: string;
  troubles: { readonly [name: string]: Pick<Trouble, 'keys' | 'remedy'> };
  /** Of Claude's environment. */
  env?: { readonly [name: string]: string };
  options?: Partial<WorkerProcessOptions>;
  meanwhile?: (worker: WorkerProcess) => Promise<void>;
}

/** Lets Claude meet troubles in a worker, each with a task of its own that allows one try. */
export class Ordeal implements AsyncDisposable {
  readonly queue: TestQueue;
  readonly api: ModelApi;
  readonly workers: WorkerProcess[] = [];
  readonly #version: ClaudeVersion;

  private constructor(queue: TestQueue, api: ModelApi, version: ClaudeVersion) {
    this.queue = queue;
    this.api = api;
    this.#version = version;
  }

  static async open(version: ClaudeVersion, troubles: { readonly [name: string]: Pick<Trouble, 'steps'> }): Promise<Ordeal> {
    const api = await startModelApi();
    api.script([playActs(Object.fromEntries(Object.entries(troubles).map(([name, { steps }]) => [name, steps])))]);
    return new Ordeal(await TestQueue.open(), api, version);
  }

  /** Files these tasks for a machine, and runs its worker until there is nothing left to do now. */
  async meet({ machine, troubles, env = {}, options = {}, meanwhile }: Meeting): Promise<WorkerProcess> {
    const tasks = Object.entries(troubles).map(([name, { keys = '', remedy }]) => {
      // What is tried again in a few seconds comes last, or it would come in between.
      const order = remedy === 'waits-here' ? 'priority: 9' : 'priority: 0';
      return [name, `---\nagent: claude\nmachine: ${machine}\nretries: 0\n${order}\n${keys}\n---\nDo it ${cue(name)}\n`] as const;
    });
    await this.queue.file(Object.fromEntries(tasks));
    const claude = { ...claudeOn(this.api, this.#version, env), max_turns: 3 };
    const worker = await this.queue.startWorker(machine, { once: true, permissions: 'edits', agents: { claude }, ...options });
    this.workers.push(worker);
    await meanwhile?.(worker);
    const { code } = await worker.exited;
    if (code !== 0) throw new Error(worker.errors);
    return worker;
  }

  /** Kills the CLI itself, and nothing that it has started, once its tool call has left the file `begun`. */
  async killInTool(worker: WorkerProcess, id: string): Promise<void> {
    const { machine } = worker;
    await hasBegun(worker, this.queue.path(machine, 'work', id, '1', 'begun'));
    const isCli = (pid: number): boolean =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(`${mustHaveClaude(this.#version)}\0`);
    const [cli] = findMarked(this.queue.path(machine, 'run')).filter(isCli);
    if (cli === undefined) throw new Error('the CLI does not run');
    endProcess(cli);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.queue[Symbol.asyncDispose]();
    await this.api[Symbol.asyncDispose]();
  }
}
