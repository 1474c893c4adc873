export type { Agent, AgentCommand, AgentEnd, AgentEvent, AgentRequest, ProcessEnd } from './agent.ts';
