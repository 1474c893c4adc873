import { fitLine } from '../fit-bytes.ts';
import { safeLine } from '../safe-text.ts';
import { addressOf, type NtfyServer, shownAddress, withoutToken } from './server.ts';

export interface NtfyRequest {
  method: 'GET' | 'POST';
  /** Below the server's address, without a slash at its start; empty for the server itself. */
  path: string;
  body?: string;
  timeoutMs: number;
  signal?: AbortSignal;
}

export type NtfyAnswer =
  | { kind: 'answered'; status: number; location: string | null; body: string }
  | { kind: 'unreachable'; text: string };

/** ntfy repeats the message it took, which is 4 KiB at most; no answer of use is longer. */
const MAX_ANSWER_BYTES = 65_536;

/** Loads what a request needs, for who has to wait for something else first. */
export async function prepareToAsk(): Promise<void> {
  await import('undici');
}

/** One request on a connection of its own, no redirect followed, the answer read up to 64 KiB. */
export async function askNtfy(server: NtfyServer, request: NtfyRequest): Promise<NtfyAnswer> {
  const address = addressOf(server, request.path);
  if (address === null) return { kind: 'unreachable', text: `${shownAddress(server)} is no http or https address` };
  // Importing undici takes 70 ms, which a command that sends nothing should not pay.
  // A bundle has of a CommonJS library its default export alone.
  const { Agent, request: send } = (await import('undici')).default;
  const agent = new Agent();
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(new Error(`no answer within ${request.timeoutMs} ms`)), request.timeoutMs);
  const giveUp = (): void => ended.abort(new Error('given up'));
  request.signal?.addEventListener('abort', giveUp, { once: true });
  if (request.signal?.aborted === true) giveUp();
  try {
    const answer = await send(address, {
      dispatcher: agent,
      method: request.method,
      headers: headersFor(server),
      body: request.body ?? null,
      signal: ended.signal,
      // A connection that the server closes at this moment would leave it open whether the message was taken.
      reset: true,
    });
    const { location } = answer.headers;
    const body = await readBounded(answer.body, MAX_ANSWER_BYTES);
    return { kind: 'answered', status: answer.statusCode, location: typeof location === 'string' ? location : null, body };
  } catch (error) {
    return { kind: 'unreachable', text: withoutToken(server, `${shownAddress(server)} cannot be reached: ${causeOf(error)}`) };
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', giveUp);
    await agent.destroy();
  }
}

export function headersFor(server: NtfyServer): Record<string, string> {
  return {
    'user-agent': 'errand',
    'content-type': 'application/json',
    ...(server.token === undefined ? {} : { authorization: `Bearer ${server.token}` }),
  };
}

/** What went wrong, on one line, short. */
export function causeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return fitLine(safeLine(message === '' || message === undefined ? (code ?? 'unknown cause') : message), 300);
}

async function readBounded(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, maxBytes);
}
