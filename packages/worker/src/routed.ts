import type { MachineConfig, QueueConfig } from '@errand/config';
import { explainRoute, route } from '@errand/routing';
import type { Task, Tier } from '@errand/task';

/** Which agent and model an attempt gets, and why. */
export interface Routed {
  agent: string;
  tier: Tier;
  model: string;
  reason: string;
}

/** What this machine's file says of models goes over the queue's. `asked` is the tier that a remedy asks for; it counts only where the task leaves the model open. */
export function routeTask(
  task: Task,
  agent: string,
  config: QueueConfig,
  here: Pick<MachineConfig, 'agents'>,
  asked?: Tier,
): Routed {
  const tiers = { ...config.tiers[agent], ...here.agents[agent]?.tiers };
  const found = route(task.prompt, { model: task.model, config: config.routing, tiers });
  if (asked === undefined || asked === found.tier || task.model !== 'auto') {
    return { agent, tier: found.tier, model: found.model, reason: explainRoute(found) };
  }
  return { agent, tier: asked, model: tiers[asked] ?? asked, reason: `raised from ${found.tier} after a failed attempt` };
}
