import type { AgentEnd } from '../agent.ts';
import { resultText } from './account.ts';
import { firstLine } from './describe.ts';
import type { Heard } from './heard.ts';
import { asNumber, asText, type Json } from './json.ts';

/** What to do about it. */
const LOG_IN = 'log in on this machine: errand help agents';

type Judgement = Pick<AgentEnd, 'outcome' | 'cause' | 'evidence'>;

/**
 * Of a result with `is_error`: the status that the service answered, and, where there was none, the `error` of the message that
 * the CLI wrote in the model's stead.
 */
export function judgeError(result: Json, heard: Heard): Judgement {
  const status = asNumber(result.api_error_status);
  const said = firstLine(resultText(heard)) || firstLine(errorsOf(result));
  const cause = (what: string) => (said === '' ? what : `${what}: ${said}`);
  switch (kindOf(status, heard.error)) {
    case 'auth':
      return { outcome: 'auth', cause: `${cause(status === null ? 'no login' : `the service answered ${status}`)} (${LOG_IN})` };
    case 'billing':
      return { outcome: 'auth', cause: cause('the account cannot pay') };
    case 'limit': {
      const { name, resetsAtMs } = heard.limit;
      const evidence = resetsAtMs === null ? {} : { evidence: { kind: 'limit', resetsAt: resetsAtMs } as const };
      return {
        outcome: 'rate-limited',
        cause: cause(`the service answered 429${name === null ? '' : ` (limit ${name})`}`),
        ...evidence,
      };
    }
    case 'unavailable':
      return {
        outcome: 'unavailable',
        cause: cause(status === null ? 'no answer from the service' : `the service answered ${status}`),
      };
    case 'model':
      return {
        outcome: 'failed',
        cause: `${cause('the service knows no such model')} (the task's model:, or tiers in config/errand.yaml, names it)`,
      };
    case 'other':
      return { outcome: 'failed', cause: cause(nameOther(status, result)) };
  }
}

/** `billing_error` comes with status 400, so the error is looked at first there. */
function kindOf(status: number | null, error: string | null): 'auth' | 'billing' | 'limit' | 'unavailable' | 'model' | 'other' {
  if (error === 'billing_error' || status === 402) return 'billing';
  if (status === null) {
    if (error === 'authentication_failed') return 'auth';
    if (error === 'rate_limit') return 'limit';
    return error === 'server_error' || error === 'overloaded' ? 'unavailable' : 'other';
  }
  if (status === 401 || status === 403) return 'auth';
  if (status === 429) return 'limit';
  if (status >= 500 || status === 408) return 'unavailable';
  return error === 'model_not_found' ? 'model' : 'other';
}

function nameOther(status: number | null, result: Json): string {
  if (result.terminal_reason === 'prompt_too_long') return 'the prompt is too long for the model';
  if (status !== null) return `the service answered ${status}`;
  return 'Claude Code ended with an error';
}

function errorsOf(result: Json): string {
  return Array.isArray(result.errors) ? (asText(result.errors[0]) ?? '') : '';
}
