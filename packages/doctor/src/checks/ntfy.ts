import { randomBytes } from 'node:crypto';
import { type MachineConfig, resolveEnvValues } from '@errand/config';
import { type NtfyServer, publishToNtfy, publishWake, subscribeToWake } from '@errand/notify';
import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';

/** How long a message may take to come back. */
const ROUND_TRIP_MS = 10_000;

/** Do notifications go out, and does the wake topic carry a message from this machine back to it. */
export const ntfy: Check = {
  name: 'ntfy',
  limitMs: 40_000,
  look: async ({ machine, offline, signal, now }) => {
    if (machine?.ntfy == null || offline) return [];
    const token = await resolveEnvValues(machine.ntfy.token === undefined ? {} : { token: machine.ntfy.token });
    if (!token.ok) return []; // The check of secrets tells.
    const server: NtfyServer = { url: machine.ntfy.server, ...(token.env.token !== undefined && { token: token.env.token }) };
    const [topic, wake] = await Promise.all([
      lookAtTopic(server, machine, signal, now()),
      machine.ntfy.wake === undefined ? [] : lookAtWake(server, machine.ntfy.wake, signal),
    ]);
    return [...topic, ...wake];
  },
};

/** Only a message shows that messages are taken: one at the lowest priority, which makes no sound. */
async function lookAtTopic(server: NtfyServer, machine: MachineConfig, signal: AbortSignal, now: number): Promise<Found[]> {
  const topic = machine.ntfy?.topic ?? '';
  const published = await publishToNtfy(
    server,
    {
      key: `doctor:${machine.machine}:${now}:${randomBytes(4).toString('hex')}`,
      topic,
      title: `errand doctor on ${machine.machine}`,
      message: 'Notifications of this machine arrive.',
      priority: 1,
      tags: ['stethoscope'],
    },
    { signal, timeoutMs: ROUND_TRIP_MS },
  );
  switch (published.kind) {
    case 'sent':
      return ok(`the topic ${topic} takes notifications (a silent one was sent)`);
    case 'throttled':
      return [
        {
          state: 'warning',
          what: published.text,
          why: 'notifications wait until it takes some again',
          remedy: 'Wait, or use a server of your own.',
        },
      ];
    case 'unauthorized':
    case 'rejected':
    case 'unreachable':
      return [
        {
          state: 'fault',
          what: published.text,
          why: 'nobody is told what is done, failed or needs help; notifications wait in the state directory',
          remedy: 'Correct ntfy.server, ntfy.topic or the token in the configuration of this machine, or start the server.',
        },
      ];
  }
}

async function lookAtWake(server: NtfyServer, topic: string, signal: AbortSignal): Promise<Found[]> {
  const why = 'tasks start at the next poll instead of at once';
  const remedy = 'Correct ntfy.wake, or the access of the token to that topic: it must publish and read.';
  const outcome = await sendAround(server, topic, signal);
  if (outcome.ok) return ok(`a message to the wake topic came back after ${Math.round(outcome.tookMs)} ms`);
  return [{ state: 'warning', what: `the wake topic ${topic} does not work: ${outcome.text}`, why, remedy }];
}

/** Follows the topic, publishes to it, and waits for what was published. */
async function sendAround(
  server: NtfyServer,
  topic: string,
  signal: AbortSignal,
): Promise<{ ok: true; tookMs: number } | { ok: false; text: string }> {
  return new Promise((resolve) => {
    let sentAt: number | null = null;
    let over = false;
    const end = (outcome: { ok: true; tookMs: number } | { ok: false; text: string }): void => {
      if (over) return;
      over = true;
      clearTimeout(limit);
      signal.removeEventListener('abort', giveUp);
      void subscription.close().then(() => resolve(outcome));
    };
    const giveUp = (): void => end({ ok: false, text: 'no answer in time' });
    const limit = setTimeout(giveUp, ROUND_TRIP_MS);
    signal.addEventListener('abort', giveUp, { once: true });
    const publish = async (): Promise<void> => {
      sentAt = performance.now();
      const published = await publishWake(server, topic, { signal, timeoutMs: ROUND_TRIP_MS });
      if (published.kind !== 'sent') end({ ok: false, text: published.text });
    };
    const subscription = subscribeToWake(server, topic, {
      quietMs: 0,
      connectMs: ROUND_TRIP_MS,
      // The first one says that the stream is open.
      onWake: () => {
        if (sentAt === null) void publish();
        else end({ ok: true, tookMs: performance.now() - sentAt });
      },
      onState: (state) => {
        if (state.kind !== 'connected') end({ ok: false, text: state.text });
      },
    });
  });
}
