import type { MessagesBody } from './step.ts';

/** The JSON in a request's text; what is none stays a text. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The body if it asks for a message, else null. */
export function parseMessagesBody(body: unknown): MessagesBody | null {
  return isMessagesBody(body) ? body : null;
}

/** The main loop of a coding agent offers tools; its side requests (titles, summaries) do not. */
export function isMainRequest(body: MessagesBody): boolean {
  return body.tools !== undefined && body.tools.length > 0;
}

function isMessagesBody(body: unknown): body is MessagesBody {
  return typeof body === 'object' && body !== null && 'model' in body && 'messages' in body && Array.isArray(body.messages);
}
