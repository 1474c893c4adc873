import { createHash } from 'node:crypto';
import { fitLine } from '../fit-bytes.ts';
import type { Notification } from '../notification.ts';
import { safeLine } from '../safe-text.ts';
import { askNtfy, type NtfyAnswer } from './ask-ntfy.ts';
import { isUsableToken, type NtfyServer, shownAddress, withoutToken } from './server.ts';

/**
 * What became of a publish. `rejected` is about this message, which will never be taken; the others are about the server.
 * After `unreachable` the message may have been published all the same: its answer was lost.
 */
export type PublishOutcome =
  | { kind: 'sent'; id: string }
  | { kind: 'unauthorized'; text: string }
  | { kind: 'throttled'; text: string }
  | { kind: 'rejected'; text: string }
  | { kind: 'unreachable'; text: string };

export interface PublishOptions {
  signal?: AbortSignal;
  /** For the whole request; 5,000 by default. */
  timeoutMs?: number;
}

/** What ntfy is asked to publish, as JSON to the server's own address. */
export interface NtfyMessage {
  topic: string;
  message: string;
  title?: string;
  priority?: number;
  tags?: readonly string[];
  click?: string;
  cache?: 'no';
  sequence_id?: string;
}

/** Publishes a notification once, and says what became of it. */
export function publishToNtfy(
  server: NtfyServer,
  notification: Notification,
  options: PublishOptions = {},
): Promise<PublishOutcome> {
  const { key, topic, title, message, priority, tags, click } = notification;
  return publishMessage(
    server,
    // Servers from 2.16 on let a second message of one sequence replace the first on the phone; older ones ignore the field.
    { topic, title, message, priority, tags, ...(click === undefined ? {} : { click }), sequence_id: sequenceOf(key) },
    options,
  );
}

export async function publishMessage(
  server: NtfyServer,
  message: NtfyMessage,
  { signal, timeoutMs = 5000 }: PublishOptions,
): Promise<PublishOutcome> {
  if (server.token !== undefined && !isUsableToken(server.token)) {
    return {
      kind: 'unauthorized',
      text: 'the ntfy token is empty, has spaces or has several lines: put the token alone into its file',
    };
  }
  const body = JSON.stringify(message);
  const answer = await askNtfy(server, { method: 'POST', path: '', body, timeoutMs, ...(signal ? { signal } : {}) });
  const outcome = judge(server, answer);
  return outcome.kind === 'sent' ? outcome : { ...outcome, text: withoutToken(server, outcome.text) };
}

/** One line, so many letters that servers take it for an id of their own kind. */
function sequenceOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

function judge(server: NtfyServer, answer: NtfyAnswer): PublishOutcome {
  if (answer.kind === 'unreachable') return answer;
  const { status, location } = answer;
  const said = readAnswer(answer.body);
  const name = shownAddress(server);
  if (status === 200) {
    if (said.id !== null) return { kind: 'sent', id: said.id };
    return { kind: 'unreachable', text: `${name} answered something else than ntfy does: is ntfy.server right?` };
  }
  const why = fitLine(safeLine(said.error ?? `status ${status}`), 200);
  if (status === 401 || status === 403) {
    return {
      kind: 'unauthorized',
      text: `${name} refuses to publish (${status}, ${why}): check the token and its access to the topic`,
    };
  }
  if (status === 429) return { kind: 'throttled', text: `${name} takes no more for now (429, ${why})` };
  if (status >= 300 && status < 400) {
    const to = fitLine(safeLine(location ?? 'elsewhere'), 200);
    return { kind: 'unreachable', text: `${name} redirects to ${to}: make that ntfy.server, redirects are not followed` };
  }
  if (isAboutTheServer(status)) return { kind: 'unreachable', text: `${name} answered ${status} (${why})` };
  return { kind: 'rejected', text: `${name} does not take this message (${status}, ${why})` };
}

/** Everything but the 400s, and those of them that say nothing of the message: a wrong path, a slow proxy. */
function isAboutTheServer(status: number): boolean {
  return status < 400 || status >= 500 || [404, 405, 407, 408, 421, 425].includes(status);
}

function readAnswer(body: string): { id: string | null; error: string | null } {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { id: null, error: null };
  }
  if (typeof value !== 'object' || value === null) return { id: null, error: null };
  const { id, event, error } = value as { id?: unknown; event?: unknown; error?: unknown };
  return {
    id: event === 'message' && typeof id === 'string' ? id.slice(0, 64) : null,
    error: typeof error === 'string' ? error : null,
  };
}
