import type { AgentEnd, ProcessEnd } from '@errand/agents';
import { failed, type RunCommand, stoppedBefore } from './execution.ts';
import type { RunSwitches } from './run-switches.ts';

const TAIL_CHARACTERS = 4_000;

export interface VerifyRequest {
  /** A shell line of the task's, which this machine allows. */
  line: string;
  /** How the agent ended: done, as far as it can tell. */
  end: AgentEnd;
  leftMs: number;
  run: RunCommand;
  switches: RunSwitches;
  request: { id: string; attempt: number; tier: string; model: string };
}

/** Runs the task's verify line where the agent worked, contained and with as clean an environment. Nothing is done while it fails. */
export async function verifyWork({ line, end, leftMs, run, switches, request }: VerifyRequest): Promise<AgentEnd> {
  if (switches.stopped !== null) return { ...end, ...stoppedBefore(switches.stopped), answer: end.answer };
  const { id, attempt, tier, model } = request;
  const env = { ERRAND_ID: id, ERRAND_ATTEMPT: String(attempt), ERRAND_TIER: tier, ERRAND_MODEL: model };
  const verified = await run({ command: { argv: ['sh', '-c', line], env, stdin: '' }, part: 'verify', wallMs: leftMs });
  return judgeVerify(line, end, verified);
}

/** Pure: what the verify line's end makes of the agent's. */
export function judgeVerify(line: string, end: AgentEnd, verified: ProcessEnd): AgentEnd {
  const why = verified.endedBy;
  if (why === 'cancelled' || why === 'fenced' || why === 'shutdown') {
    return { ...end, ...stoppedBefore(why), answer: end.answer };
  }
  if (verified.exitCode === 0 && why === null) return end;
  const { exitCode: _, ...rest } = end;
  const cause = `verify failed: ${describeEnd(verified)}: ${line}`;
  const said = [verified.stdout, verified.stderr].map((text) => text.trim()).filter(Boolean);
  const answer = [end.answer, `Verify (${line}):`, ...said.map(tail)].join('\n\n');
  // Only a line that ran and said no tells something of the model.
  const saidNo = verified.exitCode !== null && why === null;
  return { ...rest, ...failed(cause, answer), ...(saidNo && { evidence: { kind: 'capability' } }) };
}

function describeEnd({ spawnError, exitCode, signal, endedBy }: ProcessEnd): string {
  if (spawnError !== undefined) return `cannot start: ${spawnError}`;
  if (endedBy !== null) return endedBy === 'stalled' ? 'it gave no output for too long' : 'no time was left for it';
  return exitCode === null ? `killed by ${signal}` : `exit status ${exitCode}`;
}

/** What went wrong stands at the end. */
function tail(text: string): string {
  return text.length <= TAIL_CHARACTERS ? text : `…${text.slice(-TAIL_CHARACTERS)}`;
}
