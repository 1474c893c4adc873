import { type Notification, NotificationOutbox } from '@errand/notify';
import type { Result } from '@errand/task';
import { type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { WorkerEvent } from './events.ts';
import { NtfyNotifier } from './notifier.ts';

const RESULT: Result = {
  schema: 1,
  id: 'fix-login',
  state: 'done',
  task: '3f2c9a0d5b1e3f2c9a0d5b1e3f2c9a0d5b1e3f2c',
  nonce: '01KADMQ6X7ABCDEFGHJKMNPQRS',
  finished_at: '2026-11-20T09:12:44Z',
  attempts: [
    {
      attempt: 1,
      worker: 'pi',
      agent: 'claude',
      tier: 'haiku',
      ended_at: '2026-11-20T09:02:00Z',
      outcome: 'failed',
      cost_usd: 0.01,
      task: '3f',
    },
    {
      attempt: 2,
      worker: 'pi',
      agent: 'claude',
      tier: 'sonnet',
      started_at: '2026-11-20T09:09:32Z',
      ended_at: '2026-11-20T09:12:44Z',
      outcome: 'done',
      cost_usd: 0.03,
      task: '3f',
    },
  ],
  answer: 'The login works.',
  taskText: '---\ntitle: Fix the login\n---\nPlease.\n',
};

let folder: TemporaryDirectory;
let sent: Notification[];
/** Resolves with the next notification that is sent. */
let next: () => Promise<Notification>;
let notifier: NtfyNotifier;

beforeEach(() => {
  folder = temporaryDirectory();
  sent = [];
  let arrived: (notification: Notification) => void = () => {};
  next = () =>
    new Promise((resolve) => {
      arrived = resolve;
    });
  const clock = { elapsedMs: () => 0, wallMs: () => Date.UTC(2026, 10, 20, 9) };
  const outbox = new NotificationOutbox({
    folder: folder.path,
    publish: async (notification) => {
      sent.push(notification);
      arrived(notification);
      return { kind: 'sent', id: String(sent.length) };
    },
    clock,
    random: () => 0.5,
    onEvent: () => {},
  });
  const priorities = {
    done: 'default',
    failed: 'high',
    cancelled: 'low',
    queued: 'low',
    'dead-worker': 'urgent',
    attention: 'high',
  } as const;
  notifier = new NtfyNotifier({ machine: 'laptop', ntfy: { topic: 'errand', priorities }, outbox, clock });
});

afterEach(async () => {
  await notifier.close(0);
  await folder[Symbol.asyncDispose]();
});

async function hear(event: WorkerEvent): Promise<Notification> {
  const arriving = next();
  notifier.hear(event);
  return arriving;
}

test('a recorded result is told with its title, its machine, and what all its attempts cost', async () => {
  const arriving = next();
  await notifier.finished(RESULT);
  expect(await arriving).toMatchObject({ title: 'Done: Fix the login', priority: 3, key: `finished/${RESULT.nonce}` });
  expect(sent[0]?.message).toContain('pi · sonnet · 3m 12s · $0.04');
  expect(sent[0]?.message).toContain('The login works.');
});

test('the same result is told once, however often it is seen to be recorded', async () => {
  await notifier.finished(RESULT);
  await notifier.finished(RESULT);
  await notifier.close(60_000);
  expect(sent).toHaveLength(1);
});

test('a failure is told louder, with its cause', async () => {
  const [, last] = RESULT.attempts;
  const failed = {
    ...RESULT,
    state: 'failed' as const,
    attempts: [{ ...last, outcome: 'failed', cause: 'verify failed: npm test' }],
  };
  const arriving = next();
  await notifier.finished(failed as Result);
  expect(await arriving).toMatchObject({
    title: 'Failed: Fix the login',
    priority: 4,
    message: expect.stringContaining('verify failed: npm test'),
  });
});

test('a machine that stopped beating is urgent; one that was stopped properly is not told', async () => {
  const rescued: Extract<WorkerEvent, { type: 'rescued' }> = {
    type: 'rescued',
    machine: 'pi',
    ids: ['a', 'b'],
    reason: 'stale',
    heartbeat: 'oid-1',
  };
  notifier.hear({ ...rescued, reason: 'stopped' });
  expect(await hear(rescued)).toMatchObject({ title: 'pi is not answering', priority: 5 });
  expect(sent).toHaveLength(1);
});

test('a missing login is told once, until the agent has worked again', async () => {
  const paused = {
    type: 'paused',
    agent: 'claude',
    about: 'login',
    until: '2026-11-20T09:15:00Z',
    reason: '401',
    again: false,
  } as const;
  notifier.hear({ ...paused, about: 'limit' });
  notifier.hear({ ...paused, again: true });
  expect(await hear(paused)).toMatchObject({ title: 'claude has no login on laptop', priority: 4 });
  expect(sent).toHaveLength(1);
});

test('a file that cannot be run is told with its line, once per version of the file', async () => {
  const problems = [
    {
      path: 'tasks/a.md',
      line: 2,
      column: 1,
      code: 'unknown-key',
      message: '`timeot` is not a known key',
      hint: 'Did you mean `timeout`?',
    },
  ];
  const invalid = { type: 'invalid', path: 'tasks/a.md', blob: 'blob-1', problems } as const;
  const first = await hear(invalid);
  expect(first.message).toContain('Line 2: `timeot` is not a known key. Did you mean `timeout`?');
  const second = await hear({ ...invalid, blob: 'blob-2' });
  expect(second.key).not.toBe(first.key);
});
