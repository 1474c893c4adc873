import { constants } from 'node:os';
import type { Agent, AgentCommand, AgentEnd, AgentRequest, ProcessEnd } from './agent.ts';

/** `agents.command` of the machine's configuration: any program, its environment values already read. */
export interface CommandAgentConfig {
  argv: readonly [string, ...string[]];
  env?: { readonly [name: string]: string };
}

/** The answer of a command that succeeded in silence. */
export const NO_OUTPUT = '(no output)';

const TAIL_CHARACTERS = 4_096;

/** The agent that is no model: a command that reads the prompt on standard input. Exit status 0 is its evidence. */
export function createCommandAgent(config: CommandAgentConfig): Agent {
  return {
    name: 'command',
    resumable: false,
    instructionFile: null,
    plantable: [],
    begin: (request) => ({ command: buildCommand(config, request), hear: () => [], judge: judgeCommand }),
  };
}

function buildCommand(config: CommandAgentConfig, { id, attempt, task, tier, model }: AgentRequest): AgentCommand {
  return {
    argv: config.argv,
    env: { ...config.env, ERRAND_ID: id, ERRAND_ATTEMPT: String(attempt), ERRAND_TIER: tier, ERRAND_MODEL: model },
    stdin: task.prompt.endsWith('\n') ? task.prompt : `${task.prompt}\n`,
  };
}

/** Our own reason to end it comes before whatever status it then died with: that status is our doing. */
function judgeCommand(end: ProcessEnd): AgentEnd {
  if (end.spawnError !== undefined) {
    return {
      outcome: 'failed',
      cause: `cannot start: ${end.spawnError}`,
      answer: 'Install the program on this machine, or correct agents.command.argv in its configuration.',
    };
  }
  const answer = failureText(end);
  switch (end.endedBy) {
    case 'timed-out':
      return { outcome: 'timed-out', cause: 'ran longer than its timeout', answer };
    case 'stalled':
      return { outcome: 'stalled', cause: 'gave no output for too long', answer };
    case 'cancelled':
      return { outcome: 'cancelled', cause: 'cancelled while it ran', answer };
    case 'fenced':
      return { outcome: 'fenced', cause: 'the task was finished or taken over elsewhere', answer };
    case 'shutdown':
      return { outcome: 'lost', giveBack: true, cause: 'the worker was shut down', answer };
    case null:
      return judgeExit(end, answer);
  }
}

function judgeExit({ exitCode, signal, stdout, stderr }: ProcessEnd, failure: string): AgentEnd {
  if (exitCode === 0) return { outcome: 'done', exitCode, answer: stdout.trim() || stderr.trim() || NO_OUTPUT };
  if (exitCode !== null)
    return { outcome: 'failed', cause: `exit status ${exitCode}${hintSignal(exitCode)}`, exitCode, answer: failure };
  return { outcome: 'failed', cause: signal === null ? 'ended without an exit status' : `killed by ${signal}`, answer: failure };
}

/** Shells report a child that a signal ended as 128 + its number. */
function hintSignal(exitCode: number): string {
  const name = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0];
  return name === undefined ? '' : ` (128 + ${name})`;
}

function failureText({ stdout, stderr }: ProcessEnd): string {
  return [stdout, stderr].map(tail).filter(Boolean).join('\n\n') || NO_OUTPUT;
}

/** The last lines, at most 4,096 characters: what went wrong stands at the end. */
function tail(text: string): string {
  const trimmed = text.trim();
  if (trimmed.length <= TAIL_CHARACTERS) return trimmed;
  const cut = trimmed.slice(-TAIL_CHARACTERS);
  return `…\n${cut.slice(cut.indexOf('\n') + 1)}`;
}
