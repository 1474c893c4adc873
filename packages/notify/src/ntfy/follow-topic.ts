import { causeOf, headersFor } from './ask-ntfy.ts';
import { addressOf, isUsableToken, type NtfyServer, shownAddress, withoutToken } from './server.ts';
import { LineSplitter } from './split-lines.ts';

/** Why a stream ended. `refused`: the server does not let us read the topic. */
export type StreamEnd = { kind: 'lost'; text: string } | { kind: 'refused'; text: string };

export interface FollowOptions {
  signal: AbortSignal;
  /** How long the server may take to say its first word. */
  connectMs: number;
  /** How long it may say nothing after that, each time. */
  silenceMs: number;
  onEvent(event: 'open' | 'keepalive' | 'message'): void;
}

/** ntfy takes messages of 4 KiB; no event is longer than a few of them. */
const MAX_LINE_BYTES = 65_536;

/** Follows a topic's stream until it ends, is silent for too long or `signal` ends it. Of each event only its kind is read. */
export async function followTopic(server: NtfyServer, topic: string, options: FollowOptions): Promise<StreamEnd> {
  const { signal, connectMs, silenceMs } = options;
  const name = `${shownAddress(server)}/${topic}`;
  const lost = (text: string): StreamEnd => ({ kind: 'lost', text: withoutToken(server, text) });
  const address = addressOf(server, `${encodeURIComponent(topic)}/json`);
  if (address === null) return lost(`${shownAddress(server)} is no http or https address`);
  if (server.token !== undefined && !isUsableToken(server.token)) {
    return {
      kind: 'refused',
      text: 'the ntfy token is empty, has spaces or has several lines: put the token alone into its file',
    };
  }
  const { Agent, request } = (await import('undici')).default;
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const ended = new AbortController();
  const close = (): void => ended.abort(new Error('closed'));
  signal.addEventListener('abort', close, { once: true });
  if (signal.aborted) close();
  const silence = new SilenceTimer((ms) => ended.abort(new Error(`it said nothing for ${ms} ms`)));
  silence.allow(connectMs);
  try {
    const answer = await request(address, { dispatcher: agent, headers: headersFor(server), signal: ended.signal });
    const { statusCode: status } = answer;
    if (status === 401 || status === 403) {
      return { kind: 'refused', text: `${name} may not be read (${status}): check the token and its access to the topic` };
    }
    if (status !== 200) return lost(`${name} answered ${status}`);
    const splitter = new LineSplitter(MAX_LINE_BYTES);
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      silence.allow(silenceMs);
      const lines = splitter.push(chunk);
      if (lines === null) return lost(`${name} sends lines without an end`);
      for (const line of lines) {
        const event = kindOfEvent(line);
        if (event === 'garbage') return lost(`${name} sends something else than ntfy does`);
        if (event !== 'other' && !ended.signal.aborted) options.onEvent(event);
      }
    }
    return lost(`${name} ended the stream`);
  } catch (error) {
    return lost(`${name}: ${causeOf(error)}`);
  } finally {
    silence.stop();
    signal.removeEventListener('abort', close);
    await agent.destroy();
  }
}

function kindOfEvent(line: string): 'open' | 'keepalive' | 'message' | 'other' | 'garbage' {
  if (line.trim() === '') return 'other';
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('event' in value)) return 'garbage';
    const { event } = value;
    return event === 'open' || event === 'keepalive' || event === 'message' ? event : 'other';
  } catch {
    return 'garbage';
  }
}

/** Keeps no process alive: who follows a topic decides how long. */
class SilenceTimer {
  readonly #onSilence: (ms: number) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(onSilence: (ms: number) => void) {
    this.#onSilence = onSilence;
  }

  /** Starts the time anew. */
  allow(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onSilence(ms), ms).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
