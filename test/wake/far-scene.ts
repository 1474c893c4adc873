import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandResult, type NtfyTestServer, type SlowLink, slowLink, sshRemote, startNtfyServer } from '@errand/testing';
import { isEvent, Scene } from '../rig/scene.ts';
import type { WorkerProcess, WorkerProcessOptions } from '../rig/worker-process.ts';

/** Each way: a round trip takes 50 ms. */
const DELAY_MS = 25;

export const WAKE = 'errand-wake';

/** Only somebody who wakes a worker that polls so rarely can make it look. */
export const RARELY = 'poll: { interval: 10m }';

/** A queue over ssh and a server of notifications, both behind a slow link; no machine sees the queue's folder. */
export class FarScene implements AsyncDisposable {
  readonly queue: Scene;
  readonly ntfy: NtfyTestServer;
  readonly #links: readonly SlowLink[];
  readonly #ntfyUrl: string;

  private constructor(queue: Scene, ntfy: NtfyTestServer, links: readonly SlowLink[], ntfyUrl: string) {
    this.queue = queue;
    this.ntfy = ntfy;
    this.#links = links;
    this.#ntfyUrl = ntfyUrl;
  }

  static async open(): Promise<FarScene> {
    const links: SlowLink[] = [];
    const over = async (address: string): Promise<string> => {
      const url = new URL(address);
      const link = await slowLink({ port: Number(url.port), delayMs: DELAY_MS });
      links.push(link);
      url.port = String(link.port);
      return url.href.replace(/\/$/, '');
    };
    const queue = await Scene.open(async () => {
      const remote = await sshRemote();
      return { ...remote, url: await over(remote.url) };
    });
    const ntfy = await startNtfyServer();
    await queue.errand('laptop', 'init', queue.remote.url);
    return new FarScene(queue, ntfy, links, await over(ntfy.url));
  }

  worker(machine: string, options: Partial<WorkerProcessOptions> = {}): Promise<WorkerProcess> {
    return this.queue.worker(machine, { ...options, config: `${this.#ntfyLine()}\n${options.config ?? RARELY}` });
  }

  /** A worker that has looked, has nothing to do and follows the wake topic. */
  async idleWorker(machine: string, options: Partial<WorkerProcessOptions> = {}): Promise<WorkerProcess> {
    const worker = await this.worker(machine, options);
    const woken = await worker.waitFor(isEvent('woken'), 'the wake topic');
    await worker.waitFor(isEvent('push-ended'), 'its heartbeat');
    const looked = (): boolean => worker.events.slice(worker.events.indexOf(woken)).some(isEvent('polled'));
    await worker.waitFor(looked, 'a look after the first wake');
    return worker;
  }

  /** `errand` on a machine that knows the wake topic and runs no worker. */
  errand(...args: string[]): Promise<CommandResult> {
    const config = join(this.queue.machineEnv('laptop').HOME ?? '', '.config', 'errand');
    mkdirSync(config, { recursive: true });
    writeFileSync(join(config, 'config.yaml'), `machine: laptop\n${this.#ntfyLine()}\n`);
    return this.queue.errand('laptop', ...args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.queue[Symbol.asyncDispose]();
    await this.ntfy[Symbol.asyncDispose]();
    for (const link of this.#links) await link[Symbol.asyncDispose]();
  }

  #ntfyLine(): string {
    return `ntfy: { server: "${this.#ntfyUrl}", topic: errand, wake: ${WAKE}, priorities: { queued: off } }`;
  }
}

/** What a worker said about the wake topic. */
export function wakeTroubles(worker: WorkerProcess): string[] {
  return worker.all('trouble').flatMap(({ duty, text }) => (duty === 'wake' ? [text] : []));
}
