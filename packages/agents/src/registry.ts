/** Every agent that this version can run. */
export const agentNames = ['command'] as const;

export type AgentName = (typeof agentNames)[number];
