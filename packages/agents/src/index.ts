export type { Agent, AgentCommand, AgentEnd, AgentEvent, AgentRequest, ProcessEnd } from './agent.ts';
export { type CommandAgentConfig, createCommandAgent, NO_OUTPUT } from './command.ts';
export { type AgentName, agentNames } from './registry.ts';
