import { join } from 'node:path';
import { type MachineConfig, resolveEnvValues } from '@errand/config';
import { NotificationOutbox, type NtfyServer, publishToNtfy, subscribeToWake } from '@errand/notify';
import type { Clock } from '@errand/planner';
import type { Listener } from './events.ts';
import { type Notifier, NtfyNotifier, silentNotifier } from './notifier.ts';

/** How long a worker that ends waits for what is still to be told. */
const LAST_WORDS_MS = 5_000;

export interface ReachOptions {
  machine: MachineConfig;
  queueDir: string;
  clock: Clock;
  once: boolean;
  emit: Listener;
  /** Look at the queue now. */
  wake(): void;
}

export interface Reach {
  notifier: Notifier;
  close(): Promise<void>;
}

/** Notifications to people, and the wake topic, as the machine's file says. What is wrong with them is told and stops nothing. */
export async function reachPeople({ machine, queueDir, clock, once, emit, wake }: ReachOptions): Promise<Reach> {
  const { ntfy } = machine;
  if (ntfy === null) return { notifier: silentNotifier, close: async () => {} };
  const trouble = (duty: 'notify' | 'wake', text: string): void => emit({ type: 'trouble', duty, text });
  const server: NtfyServer = { url: ntfy.server };
  /** A token that was corrected needs no restart. */
  const readToken = async (): Promise<string[]> => {
    if (ntfy.token === undefined) return [];
    const read = await resolveEnvValues({ token: ntfy.token });
    if (read.ok && read.env.token !== undefined) server.token = read.env.token;
    return read.ok ? [] : read.causes;
  };
  const causes = await readToken();
  if (causes.length > 0) trouble('notify', `ntfy.${causes.join('; ')}; notifications go out without a token`);
  const closing = new AbortController();
  const outbox = new NotificationOutbox({
    folder: join(queueDir, 'notifications'),
    publish: async (notification) => {
      await readToken();
      return publishToNtfy(server, notification, { signal: closing.signal });
    },
    clock,
    random: Math.random,
    signal: closing.signal,
    onEvent: (event) => {
      switch (event.type) {
        case 'sent':
          return emit({ type: 'notified', key: event.key });
        case 'failed':
        case 'unauthorized':
          return trouble('notify', `${event.text}; ${event.pending} kept, next try in ${Math.ceil(event.retryInMs / 1000)} s`);
        case 'dropped':
          return trouble('notify', `the notification ${event.key} is dropped: ${event.text}`);
        case 'trouble':
          return trouble('notify', event.text);
      }
    },
  });
  const notifier = new NtfyNotifier({ machine: machine.machine, ntfy, outbox, clock });
  const subscription =
    ntfy.wake === undefined || once
      ? null
      : subscribeToWake(server, ntfy.wake, {
          onWake: () => {
            emit({ type: 'woken' });
            wake();
          },
          onState: (state) => {
            if (state.kind === 'lost') {
              const text = `${state.text}; tasks start at the next poll, next try in ${Math.ceil(state.retryInMs / 1000)} s`;
              trouble('wake', text);
            } else if (state.kind === 'refused') {
              // It is tried again in a quarter of an hour, with what the file has by then.
              void readToken();
              trouble('wake', `${state.text}; tasks start at the next poll`);
            }
          },
        });
  const close = async (): Promise<void> => {
    await subscription?.close();
    await notifier.close(LAST_WORDS_MS);
    closing.abort();
  };
  return { notifier, close };
}
