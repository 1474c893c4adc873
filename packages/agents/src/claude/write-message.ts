import type { AgentRequest, SessionRequest } from '../agent.ts';

/**
 * What goes to standard input: one user message of several text blocks, the last of which is ours. Claude Code looks for
 * commands (`/compact …`) and mentions (`@/etc/passwd`, whose content it then sends to the model without asking for permission) in
 * the last block alone. So the text of tasks and repositories arrives word for word and sets nothing off.
 */
export function writeMessage({ task, session, instructions }: AgentRequest): string {
  if (session.kind === 'resumed') return writeTexts([explainInterruption(session.why)]);
  const repository = instructions === null || instructions.text.trim() === '' ? [] : [quoteInstructions(instructions)];
  return writeTexts([...repository, task.prompt, 'The task is the text above. Carry it out.']);
}

/** One user message of these text blocks, as `--input-format=stream-json` takes it. */
export function writeTexts(texts: readonly string[]): string {
  const content = texts.map((text) => ({ type: 'text', text }));
  return `${JSON.stringify({ type: 'user', message: { role: 'user', content } })}\n`;
}

function quoteInstructions({ path, text }: { path: string; text: string }): string {
  return `${path} of this repository says, for whoever works in it:\n\n<instructions>\n${text.trim()}\n</instructions>`;
}

/** The session has the task already. */
function explainInterruption(why: Extract<SessionRequest, { kind: 'resumed' }>['why']): string {
  return (
    `You were interrupted: ${REASONS[why]}. What your last tool call did is not known: look before you repeat it. ` +
    'Then go on with the task, and finish it.'
  );
}

const REASONS = {
  'timed-out': 'the time for one attempt was over',
  stalled: 'nothing was heard of you for a long time',
  lost: 'the machine or its worker went down',
  stopped: 'the worker was shut down',
  'rate-limited': 'a limit of the account was reached',
  unavailable: 'the model could not be reached',
  auth: 'the login was not accepted',
} as const;
