import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type FaultyLink, runCommand } from '@errand/testing';
import type { WorkerEvent } from '@errand/worker';
import { WorkerProcess } from '../rig/worker-process.ts';

export interface MachineOptions {
  name: string;
  kind: 'ssh' | 'http';
  /** The queue, by the machine's own link. */
  remote: string;
  link: FaultyLink;
  folder: string;
  env: Record<string, string>;
  agentEnv: Record<string, string>;
  /** Lines of YAML for its file. */
  config: string;
  hear: (machine: Machine, event: WorkerEvent) => void;
}

/** How a worker ended that nobody had struck. */
export interface OwnEnd {
  machine: string;
  code: number | null;
  signal: NodeJS.Signals | null;
  errors: string;
}

/** A machine with its way to the queue. Its worker is started again by whoever struck it; one that ended by itself stays away, and is told. */
export class Machine {
  readonly options: MachineOptions;
  readonly ownEnds: OwnEnd[] = [];
  starts = 0;
  #worker: WorkerProcess | null = null;
  #isEnding = false;

  constructor(options: MachineOptions) {
    this.options = options;
  }

  get name(): string {
    return this.options.name;
  }

  /** Of its worker; null while there is none. */
  get pid(): number | null {
    return this.#worker?.pid ?? null;
  }

  get stateDir(): string {
    return join(this.options.folder, 'state');
  }

  async start(): Promise<void> {
    if (this.#isEnding || this.#worker !== null) return;
    const { name, remote, env, agentEnv, config } = this.options;
    this.starts += 1;
    const worker = await WorkerProcess.start({
      remote,
      machine: name,
      stateDir: this.stateDir,
      env,
      agentEnv: { ...agentEnv, MACHINE: name },
      slots: 4,
      config,
      hear: (event) => this.options.hear(this, event),
    });
    this.#worker = worker;
    if (this.#isEnding) await this.kill();
    void worker.exited.then(({ code, signal }) => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      if (!this.#isEnding) this.ownEnds.push({ machine: name, code, signal, errors: worker.errors.slice(-2_000) });
    });
  }

  /** SIGKILL, and no worker after it. */
  async close(): Promise<void> {
    this.#isEnding = true;
    await this.kill();
  }

  /** SIGKILL; returns when it is gone. */
  async kill(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.[Symbol.asyncDispose]();
  }

  /** Ends it in good order, and for good. Its exit status, and what it said on standard error. */
  async end(): Promise<{ code: number | null; errors: string }> {
    this.#isEnding = true;
    const worker = this.#worker;
    worker?.signal('SIGTERM');
    const { code } = (await worker?.exited) ?? { code: null };
    return { code, errors: worker?.errors ?? '' };
  }

  /** Files that must be gone in the end: of its journal, of tasks and of notifications that wait to be sent. */
  async waiting(): Promise<string[]> {
    const found = await Promise.all(
      (await this.#queues()).flatMap((queue) =>
        ['journal', 'outbox', 'notifications'].map(async (folder) => {
          const names = await readdir(join(queue, folder), { withFileTypes: true }).catch(() => []);
          return names.filter((entry) => entry.isFile()).map(({ name }) => `${folder}/${name}`);
        }),
      ),
    );
    return found.flat();
  }

  /** What git has against its private clone: nothing, where that is sound. */
  async fsck(): Promise<string> {
    const clones = (await this.#queues()).map((queue) => join(queue, 'clone')).filter((clone) => existsSync(clone));
    if (clones.length !== 1) return `${clones.length} private clones`;
    const promisor = ['-c', 'remote.origin.promisor=true', '-c', 'remote.origin.partialclonefilter=blob:none'];
    const args = [...promisor, '--git-dir', clones[0] ?? '', 'fsck', '--full', '--no-dangling', '--no-progress'];
    const { exitCode, stdout, stderr } = await runCommand('git', args, { env: this.options.env });
    return exitCode === 0 ? '' : `${stdout}${stderr}`.trim();
  }

  async #queues(): Promise<string[]> {
    const folder = join(this.stateDir, 'queues');
    return (await readdir(folder).catch(() => [])).map((name) => join(folder, name));
  }
}
