import { join } from 'node:path';
import { NotificationOutbox, type OutboxEvent, publishToNtfy } from '@errand/notify';
import type { Result } from '@errand/task';
import { type NtfyTestServer, startNtfyServer, type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NtfyNotifier } from './notifier.ts';

const HOUR_MS = 3_600_000;
const PRIORITIES = {
  done: 'default',
  failed: 'high',
  cancelled: 'low',
  queued: 'low',
  'dead-worker': 'urgent',
  attention: 'high',
} as const;

let folder: TemporaryDirectory;
let ntfy: NtfyTestServer;
let running: Boot[];

beforeEach(async () => {
  folder = temporaryDirectory();
  ntfy = await startNtfyServer({ tokens: ['tk_good'], protectedTopics: ['errand'] });
  running = [];
  // Time stands still until a test lets it pass; the network goes on meanwhile.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
});

afterEach(async () => {
  vi.useRealTimers();
  for (const boot of running) await boot.notifier.close(0);
  await ntfy[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** A worker's notifier from one start to the next; all of them have one outbox on disk. */
class Boot {
  readonly notifier: NtfyNotifier;
  readonly events: OutboxEvent[] = [];
  readonly #outbox: NotificationOutbox;
  #onTry: () => void = () => {};

  constructor(token = 'tk_good') {
    const clock = { elapsedMs: () => performance.now(), wallMs: () => Date.now() };
    this.#outbox = new NotificationOutbox({
      folder: join(folder.path, 'notifications'),
      publish: (notification) => {
        this.#onTry();
        return publishToNtfy({ url: ntfy.url, token }, notification);
      },
      clock,
      random: () => 0.5,
      onEvent: (event) => this.events.push(event),
    });
    this.notifier = new NtfyNotifier({
      machine: 'pi',
      ntfy: { topic: 'errand', priorities: PRIORITIES },
      outbox: this.#outbox,
      clock,
    });
    running.push(this);
  }

  async finish(id: string): Promise<void> {
    await this.notifier.finished(resultOf(id));
    await this.settle();
  }

  /** Until what it sends now has its answer, and its next timer is set. */
  async settle(): Promise<void> {
    await this.#outbox.flush();
    await Promise.resolve();
  }

  /** Lets time pass, from one try to the next; the notifier's own timer begins each of them. */
  async live(ms: number): Promise<void> {
    const endMs = performance.now() + ms;
    for (;;) {
      await this.settle();
      const dueAt = this.#outbox.nextDueAt();
      if (dueAt === null || dueAt > endMs) break;
      const tried = new Promise<void>((resolve) => {
        this.#onTry = resolve;
      });
      vi.advanceTimersByTime(dueAt - performance.now());
      await tried;
    }
    vi.advanceTimersByTime(Math.max(0, endMs - performance.now()));
    await this.settle();
  }

  said(): OutboxEvent[] {
    return this.events.filter(({ type }) => type !== 'sent');
  }
}

const arrived = (): (string | undefined)[] => ntfy.messages('errand').map(({ title }) => title);

test('a server that is away for an hour gets everything once it is back, each once, in order; its absence is told once', async () => {
  await ntfy.goAway();
  const boot = new Boot();
  await boot.finish('a');
  await boot.live(HOUR_MS / 2);
  await boot.finish('b');
  await boot.live(HOUR_MS / 2);
  expect(boot.said()).toEqual([{ type: 'failed', text: expect.any(String), retryInMs: expect.any(Number), pending: 1 }]);
  await ntfy.comeBack();
  await boot.live(HOUR_MS / 4);
  expect(arrived()).toEqual(['Done: a', 'Done: b']);
  await boot.live(24 * HOUR_MS);
  expect(ntfy.requests).toHaveLength(2);
});

test('a server that throttles for an hour is asked less and less often, and gets everything once', async () => {
  ntfy.throttle(true);
  const boot = new Boot();
  for (const id of ['a', 'b', 'c']) await boot.finish(id);
  await boot.live(HOUR_MS);
  // 6, 12, 25, 50 s … 15 min: whoever asked every few seconds would have asked hundreds of times.
  expect(ntfy.requests.length).toBeGreaterThanOrEqual(8);
  expect(ntfy.requests.length).toBeLessThanOrEqual(13);
  ntfy.throttle(false);
  await boot.live(HOUR_MS / 4);
  expect(arrived()).toEqual(['Done: a', 'Done: b', 'Done: c']);
  expect(boot.said()).toEqual([expect.objectContaining({ type: 'failed', text: expect.stringContaining('429') })]);
});

test('a wrong token is said once in a day and tried four times an hour; after a start with the right one everything is told', async () => {
  const wrong = new Boot('tk_wrong');
  await wrong.finish('a');
  await wrong.live(HOUR_MS - 1);
  expect(ntfy.requests).toHaveLength(4);
  await wrong.finish('b');
  await wrong.live(5 * HOUR_MS);
  expect(wrong.said()).toEqual([expect.objectContaining({ type: 'unauthorized', text: expect.stringContaining('(401') })]);
  expect(arrived()).toEqual([]);
  await wrong.notifier.close(0);
  const right = new Boot();
  await right.settle();
  expect(arrived()).toEqual(['Done: a', 'Done: b']);
  expect(right.said()).toEqual([]);
});

test('a notifier that is closed while the server is away tries no more, and the next one sends what it left', async () => {
  await ntfy.goAway();
  const first = new Boot();
  await first.finish('a');
  await first.notifier.close(0);
  await ntfy.comeBack();
  vi.advanceTimersByTime(HOUR_MS);
  await Promise.resolve();
  expect(ntfy.requests).toEqual([]);
  await new Boot().settle();
  expect(arrived()).toEqual(['Done: a']);
});

function resultOf(id: string): Result {
  const ended = { attempt: 1, worker: 'pi', agent: 'claude', ended_at: '2026-11-20T09:02:00Z', task: '3f' };
  return {
    schema: 1,
    id,
    state: 'done',
    task: '3f2c9a0d5b1e3f2c9a0d5b1e3f2c9a0d5b1e3f2c',
    nonce: `nonce-of-${id}`,
    finished_at: '2026-11-20T09:02:00Z',
    attempts: [{ ...ended, outcome: 'done' }],
    answer: `The answer of ${id}.`,
    taskText: `---\ntitle: ${id}\n---\nPlease.\n`,
  };
}
