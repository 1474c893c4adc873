import { type Backoff, backoffMs } from '../backoff.ts';
import { followTopic } from '../ntfy/follow-topic.ts';
import type { NtfyServer } from '../ntfy/server.ts';
import { atMostEvery } from './at-most-every.ts';

/**
 *               open event                 ends, silent, unreachable
 *  (starting) ─────────────▶ connected ──────────────────────────────▶ lost ──▶ (tries again)
 *       │                                                                ▲
 *       └── 401, 403 ──▶ refused ──▶ (tries again, rarely) ──────────────┘
 */
export type WakeState =
  | { kind: 'connected' }
  | { kind: 'lost'; text: string; retryInMs: number }
  | { kind: 'refused'; text: string };

export interface WakeOptions {
  /** Look now: a message came, or one may have been missed. Called at most every `quietMs`. */
  onWake(): void;
  /** Called when the state changes, or the reason for it. */
  onState(state: WakeState): void;
  /** Silence after which the stream counts as dead: by default two of ntfy's keepalives of 45 s, and some slack. */
  keepaliveMs?: number;
  /** How long the server may take to say its first word; 10 s by default. */
  connectMs?: number;
  /** After a loss; from 1 s to 5 min by default. */
  backoff?: Backoff;
  /** After a refusal; 15 min by default, since ntfy locks out who tries a bad token too often. */
  refusedMs?: number;
  /** Whoever knows the topic can publish to it: no more than one wake in this time; 1 s by default. */
  quietMs?: number;
  /** Numbers in [0, 1). */
  random?: () => number;
}

export interface WakeSubscription {
  /** Ends the stream and every timer; resolves when nothing is left. */
  close(): Promise<void>;
}

/** Follows the wake topic for as long as it takes, through outages. Nothing that a message says is looked at. */
export function subscribeToWake(server: NtfyServer, topic: string, options: WakeOptions): WakeSubscription {
  const closing = new AbortController();
  const wake = atMostEvery(options.quietMs ?? 1000, options.onWake);
  const following = followForever(server, topic, options, wake.ask, closing.signal);
  return {
    close: async () => {
      closing.abort();
      wake.stop();
      await following;
    },
  };
}

async function followForever(
  server: NtfyServer,
  topic: string,
  options: WakeOptions,
  wake: () => void,
  closing: AbortSignal,
): Promise<void> {
  const { keepaliveMs = 105_000, connectMs = 10_000, refusedMs = 900_000, random = Math.random } = options;
  const backoff = options.backoff ?? { firstMs: 1000, longestMs: 300_000 };
  let told = '';
  const tell = (state: WakeState): void => {
    const what = state.kind === 'connected' ? state.kind : `${state.kind} ${state.text}`;
    if (what !== told) options.onState(state);
    told = what;
  };
  for (let failures = 0; !closing.aborted; ) {
    const end = await followTopic(server, topic, {
      signal: closing,
      connectMs,
      silenceMs: keepaliveMs,
      onEvent: (event) => {
        if (event === 'open') tell({ kind: 'connected' });
        // A stream that lasts is no failure; one that opens and ends at once is.
        if (event === 'keepalive') failures = 0;
        else wake();
      },
    });
    if (closing.aborted) return;
    switch (end.kind) {
      case 'lost': {
        failures += 1;
        const retryInMs = backoffMs(failures, backoff, random);
        tell({ ...end, retryInMs });
        await pause(retryInMs, closing);
        break;
      }
      case 'refused':
        tell(end);
        await pause(refusedMs, closing);
        break;
    }
  }
}

/** Waits, or until `signal` ends the wait; keeps no process alive. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms).unref();
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
