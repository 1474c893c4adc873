import type { AgentEnd, ProcessEnd, SessionRequest } from '../agent.ts';
import { accountFor, resultText } from './account.ts';
import { describeExit, firstLine, tail } from './describe.ts';
import type { Heard } from './heard.ts';
import { judgeResult } from './judge-result.ts';

const NO_ANSWER = '(no answer)';

/**
 * Our own reason to end it comes first: whatever else happened then is our doing. `done` needs exit status 0 as well as the
 * evidence of the result.
 */
export function judgeRun(end: ProcessEnd, heard: Heard, session: SessionRequest): AgentEnd {
  if (end.spawnError !== undefined) {
    return {
      outcome: 'failed',
      cause: `cannot start: ${end.spawnError}`,
      answer: 'Install Claude Code on this machine, or correct agents.claude.bin in its configuration.',
    };
  }
  const account = accountFor(heard, session);
  switch (end.endedBy) {
    case 'timed-out':
      return { outcome: 'timed-out', cause: 'ran longer than its timeout', answer: unfinished(heard), ...account };
    case 'stalled':
      return { outcome: 'stalled', cause: 'gave no output for too long', answer: unfinished(heard), ...account };
    case 'cancelled':
      return { outcome: 'cancelled', cause: 'cancelled while it ran', answer: unfinished(heard), ...account };
    case 'fenced':
      return { outcome: 'fenced', cause: 'the task was finished or taken over elsewhere', answer: unfinished(heard), ...account };
    case 'shutdown':
      return { outcome: 'lost', giveBack: true, cause: 'the worker was shut down', answer: unfinished(heard), ...account };
    case null: {
      const exit = end.exitCode === null ? {} : { exitCode: end.exitCode };
      const judged = heard.results.length === 0 ? judgeSilence(end, heard) : judgeResult(end, heard, session);
      return { ...judged, ...exit, ...account };
    }
  }
}

/** It ended, but never said how. */
function judgeSilence(end: ProcessEnd, heard: Heard): AgentEnd {
  const said = tail(end.stderr);
  const how = describeExit(end);
  const unread =
    heard.dropped === 0
      ? ''
      : `; ${heard.dropped === 1 ? '1 line' : `${heard.dropped} lines`} of its output could not be read (too long, or not to be made sense of)`;
  return {
    outcome: 'failed',
    cause: `ended without a result (${how})${unread}${said === '' ? '' : `: ${firstLine(said)}`}`,
    answer: [heard.lastWords.trim(), said].filter(Boolean).join('\n\n') || NO_ANSWER,
  };
}

function unfinished(heard: Heard): string {
  return resultText(heard) || heard.lastWords.trim() || NO_ANSWER;
}
