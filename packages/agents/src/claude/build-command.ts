import type { AgentCommand, AgentRequest } from '../agent.ts';
import type { ClaudeConfig } from './config.ts';
import { writeMessage } from './write-message.ts';

const PERMISSION_MODES = { plan: 'plan', edits: 'acceptEdits', bypass: 'bypassPermissions' } as const;

/**
 * Tools that make no sense in an attempt: a wake-up keeps the process alive after its result, a timer dies with it, and a
 * worktree of its own hides what was made from us.
 */
const DISALLOWED = ['ScheduleWakeup', 'CronCreate', 'CronDelete', 'CronList', 'EnterWorktree', 'ExitWorktree'];

/**
 * Options have the form `--name=value`, so nothing of a task can become one. Settings of the repository are left out
 * altogether: they may redirect requests, run hooks and start servers.
 */
export function buildCommand(config: ClaudeConfig, request: AgentRequest): AgentCommand {
  const { session } = request;
  return {
    argv: [
      config.bin,
      '--print',
      '--verbose',
      '--input-format=stream-json',
      '--output-format=stream-json',
      `--model=${request.model}`,
      session.kind === 'fresh' ? `--session-id=${session.id}` : `--resume=${session.id}`,
      `--permission-mode=${PERMISSION_MODES[config.permissions]}`,
      '--setting-sources=user',
      '--strict-mcp-config',
      `--disallowedTools=${DISALLOWED.join(',')}`,
      ...(config.maxTurns === undefined ? [] : [`--max-turns=${config.maxTurns}`]),
    ],
    env: { ...ourEnvironment(config, request.place.tmp), ...config.env, ...errandEnvironment(request) },
    stdin: writeMessage(request),
  };
}

/** Few retries, since waiting is the queue's business; no work in the background, since it would outlive the result. */
export function ourEnvironment(config: ClaudeConfig, tmp: string): Record<string, string> {
  return {
    CLAUDE_CONFIG_DIR: config.configDir,
    CLAUDE_CODE_TMPDIR: tmp,
    CLAUDE_CODE_MAX_RETRIES: '3',
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
    CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_TELEMETRY: '1',
  };
}

function errandEnvironment({ id, attempt, tier, model }: AgentRequest): Record<string, string> {
  return { ERRAND_ID: id, ERRAND_ATTEMPT: String(attempt), ERRAND_TIER: tier, ERRAND_MODEL: model };
}
