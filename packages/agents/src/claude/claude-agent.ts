import type { Agent, AgentRequest, AgentRun } from '../agent.ts';
import { buildCommand } from './build-command.ts';
import type { ClaudeConfig } from './config.ts';
import { judgeRun } from './judge-run.ts';
import { Listener } from './listener.ts';
import { listPlantable } from './plantable.ts';

/** Claude Code, headless. One run per attempt: it remembers what it heard, and judges from that alone. */
export function createClaudeAgent(config: ClaudeConfig): Agent {
  return {
    name: 'claude',
    resumable: true,
    instructionFile: 'CLAUDE.md',
    plantable: listPlantable(config),
    begin: (request) => beginRun(config, request),
  };
}

function beginRun(config: ClaudeConfig, request: AgentRequest): AgentRun {
  const listener = new Listener();
  return {
    command: buildCommand(config, request),
    hear: (text) => listener.hear(text),
    judge: (end) => judgeRun(end, listener.finish(), request.session),
  };
}
