export type {
  Agent,
  AgentCommand,
  AgentEnd,
  AgentEvent,
  AgentProgress,
  AgentRequest,
  AgentRun,
  ProcessEnd,
  SessionRequest,
} from './agent.ts';
export { createClaudeAgent } from './claude/claude-agent.ts';
export type { ClaudeConfig } from './claude/config.ts';
export { type LoginProbe, type LoginState, loginProbe, parseVersion, versionCommand } from './claude/detect.ts';
export { sumSpent } from './claude/spending.ts';
export { type CommandAgentConfig, createCommandAgent, NO_OUTPUT } from './command.ts';
export { type AgentName, agentNames } from './registry.ts';
