import type { AgentEnd, ProcessEnd, SessionRequest } from '../agent.ts';
import { resultText } from './account.ts';
import { listDenials, nameDenials } from './denials.ts';
import { describeExit, firstLine } from './describe.ts';
import type { Heard } from './heard.ts';
import { asText } from './json.ts';
import { judgeError } from './judge-error.ts';

/**
 * Goes by structured fields alone: `subtype` is "success" also where nothing succeeded, and texts change with every version.
 * A text is only ever quoted. A session that is no longer there is nobody's fault: the task goes back, to begin afresh.
 */
export function judgeResult(end: ProcessEnd, heard: Heard, session: SessionRequest): AgentEnd {
  const result = heard.results.at(-1) ?? {};
  const answer = heard.lastWords.trim() || resultText(heard) || '(no answer)';
  if (session.kind === 'resumed' && heard.started === null && heard.error === null) {
    const said = Array.isArray(result.errors) ? asText(result.errors[0]) : null;
    const why = said === null ? 'Claude Code did not say why' : firstLine(said);
    return { outcome: 'lost', giveBack: true, cause: `cannot go on with the session ${session.id}: ${why}`, answer };
  }
  if (result.subtype === 'error_max_turns') {
    return { outcome: 'failed', cause: 'stopped at the limit of turns', answer, evidence: { kind: 'capability' } };
  }
  if (result.subtype === 'error_max_budget_usd') {
    return { outcome: 'over-budget', cause: 'stopped at the limit of what it may cost', answer };
  }
  if (result.stop_reason === 'refusal') return { outcome: 'refused', cause: 'the model refused to answer', answer };
  if (result.is_error !== false) return { ...judgeError(result, heard), answer };
  if (end.exitCode !== 0)
    return { outcome: 'failed', cause: `reported success, but ended otherwise (${describeExit(end)})`, answer };
  return judgeSuccess(heard, resultText(heard) || answer);
}

/** Nothing went wrong; but a run whose tools were denied reports success too, and so does one that said nothing. */
function judgeSuccess(heard: Heard, answer: string): AgentEnd {
  const denials = listDenials(heard);
  const mattered = denials.filter(({ overcome }) => !overcome);
  if (mattered.length > 0) {
    return {
      outcome: 'refused',
      cause: `not permitted: ${nameDenials(mattered)}; policy.permissions of this machine decides`,
      answer,
    };
  }
  if (resultText(heard) === '') return { outcome: 'failed', cause: 'ended with an empty answer', answer };
  const overcome = denials.length === 0 ? {} : { cause: `denied at first, and done later: ${nameDenials(denials)}` };
  return { outcome: 'done', ...overcome, answer };
}
