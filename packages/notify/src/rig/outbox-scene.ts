import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type NtfyTestServer, startNtfyServer, type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import type { Notification } from '../notification.ts';
import { type PublishOutcome, publishToNtfy } from '../ntfy/publish.ts';
import { NotificationOutbox, type OutboxEvent } from '../outbox/outbox.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const note = (key: string): Notification => ({
  key,
  topic: 'errand',
  title: `Done: ${key}`,
  message: key,
  priority: 3,
  tags: ['white_check_mark'],
});

export interface ProcessOptions {
  publish?(notification: Notification): Promise<PublishOutcome>;
  token?: string;
  /** Of the outbox, within the scene's folder. */
  path?: string;
  wallMs?(): number;
  signal?: AbortSignal;
}

/** A server, a disk and a clock that goes on only when it is told to. */
export class OutboxScene {
  /** When the wall clock starts. */
  readonly startMs = Date.UTC(2026, 10, 20, 9);
  readonly folder: TemporaryDirectory;
  readonly server: NtfyTestServer;
  nowMs = 0;

  private constructor(server: NtfyTestServer) {
    this.folder = temporaryDirectory();
    this.server = server;
  }

  static async set(): Promise<OutboxScene> {
    return new OutboxScene(await startNtfyServer({ tokens: ['tk_good'], protectedTopics: ['errand'] }));
  }

  get outboxPath(): string {
    return join(this.folder.path, 'outbox');
  }

  /** The texts that the server has. */
  arrived(): (string | undefined)[] {
    return this.server.messages('errand').map(({ message }) => message);
  }

  /** The files of what waits. */
  async waiting(): Promise<string[]> {
    return (await readdir(this.outboxPath)).filter((name) => name.endsWith('.json'));
  }

  startProcess(options: ProcessOptions = {}): OutboxProcess {
    return new OutboxProcess(this, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.folder[Symbol.asyncDispose]();
  }
}

/** One process with an outbox; another one over the same folder is the next. */
export class OutboxProcess {
  readonly outbox: NotificationOutbox;
  readonly events: OutboxEvent[] = [];
  readonly #scene: OutboxScene;
  /** Elapsed time starts anew with each process. */
  readonly #bootMs: number;

  constructor(scene: OutboxScene, { token = 'tk_good', path = 'outbox', ...options }: ProcessOptions) {
    this.#scene = scene;
    this.#bootMs = scene.nowMs;
    this.outbox = new NotificationOutbox({
      folder: join(scene.folder.path, path),
      publish: options.publish ?? ((notification) => publishToNtfy({ url: scene.server.url, token }, notification)),
      clock: {
        elapsedMs: () => scene.nowMs - this.#bootMs,
        wallMs: options.wallMs ?? (() => scene.startMs + scene.nowMs),
      },
      random: () => 0.5,
      onEvent: (event) => this.events.push(event),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  }

  readonly types = (): string[] => this.events.map(({ type }) => type);

  /** Goes on in time, flushing whenever it is due. */
  readonly liveFor = async (ms: number): Promise<void> => {
    const endMs = this.#scene.nowMs + ms;
    for (;;) {
      await this.outbox.flush();
      const dueAt = this.outbox.nextDueAt();
      if (dueAt === null || dueAt + this.#bootMs >= endMs) break;
      this.#scene.nowMs = dueAt + this.#bootMs;
    }
    this.#scene.nowMs = endMs;
  };
}
