import type { GitFailure } from './port.ts';

/** The refusal of a commit by the server, in git's words and in those of who refused it. */
export function explainDeclined(reason: string, said: string | undefined): GitFailure {
  const words = said === undefined ? '' : `: ${said}`;
  return { kind: 'declined', message: `the server refused the commit: ${reason}${words}` };
}
