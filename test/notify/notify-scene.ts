import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NtfyEvent, type NtfyServerOptions, type NtfyTestServer, startNtfyServer } from '@errand/testing';
import { PutForward } from '../rig/put-forward.ts';
import { Scene } from '../rig/scene.ts';
import type { WorkerProcess, WorkerProcessOptions } from '../rig/worker-process.ts';

export const TOKEN = 'tk_never0to0be0seen0anywhere';
export const WRONG_TOKEN = 'tk_wrong0and0not0to0be0seen';

/** What a worker asked the server to publish. */
export interface Published {
  title: string;
  message: string;
  priority: number;
  tags: string[];
  sequence_id: string;
}

/** A queue, machines, and a server of notifications that only a token opens. */
export class NotifyScene implements AsyncDisposable {
  readonly queue: Scene;
  readonly ntfy: NtfyTestServer;

  private constructor(queue: Scene, ntfy: NtfyTestServer) {
    this.queue = queue;
    this.ntfy = ntfy;
  }

  static async open(options: NtfyServerOptions = {}): Promise<NotifyScene> {
    const ntfy = await startNtfyServer({ tokens: [TOKEN], protectedTopics: ['errand', 'wake'], ...options });
    return new NotifyScene(await Scene.open(), ntfy);
  }

  worker(machine: string, options: Partial<WorkerProcessOptions> = {}): Promise<WorkerProcess> {
    this.#tokenFile(machine, TOKEN, 'wx');
    const ntfy = { server: this.ntfy.url, topic: 'errand', token: { file: this.tokenPath(machine) } };
    const config = `poll: { interval: 1s }\nntfy: ${JSON.stringify(ntfy)}\n${options.config ?? ''}`;
    return this.queue.worker(machine, { ...options, config });
  }

  /** Puts a token into a machine's file, which it reads when it starts. */
  setToken(machine: string, token: string): void {
    this.#tokenFile(machine, token, 'w');
  }

  clock(machine: string): PutForward {
    return new PutForward(join(this.queue.folder, `clock-${machine}`));
  }

  /** Somebody files tasks, by id. */
  file(tasks: { readonly [id: string]: string }): Promise<void> {
    return this.queue.file(tasks);
  }

  /** What has arrived, oldest first. */
  arrived(): NtfyEvent[] {
    return this.ntfy.messages('errand');
  }

  titles(): (string | undefined)[] {
    return this.arrived().map(({ title }) => title);
  }

  /** Everything that was asked to be published, accepted or not. */
  asked(): Published[] {
    return this.ntfy.requests.flatMap(({ method, body }) => (method === 'POST' ? [JSON.parse(body) as Published] : []));
  }

  /** Files below a machine's state directory in which these words stand. */
  findInState(machine: string, words: string): string[] {
    return listFiles(this.queue.stateDir(machine)).filter((path) => readFileSync(path).includes(words));
  }

  tokenPath(machine: string): string {
    return join(this.queue.folder, `token-of-${machine}`, 'ntfy');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.queue[Symbol.asyncDispose]();
    await this.ntfy[Symbol.asyncDispose]();
  }

  #tokenFile(machine: string, token: string, flag: 'w' | 'wx'): void {
    mkdirSync(join(this.queue.folder, `token-of-${machine}`), { recursive: true });
    try {
      writeFileSync(this.tokenPath(machine), `${token}\n`, { flag, mode: 0o600 });
    } catch (error) {
      // `wx`: what a test has put there stays.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** What a worker said about notifications that do not go out. */
export function troubles(worker: WorkerProcess): string[] {
  return worker.all('trouble').flatMap(({ duty, text }) => (duty === 'notify' ? [text] : []));
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? listFiles(path) : entry.isFile() ? [path] : [];
  });
}
