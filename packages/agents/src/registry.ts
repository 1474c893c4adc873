/** Every agent that this version can run. */
export const agentNames = ['claude', 'command'] as const;

export type AgentName = (typeof agentNames)[number];
