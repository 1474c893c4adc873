import type { Heartbeat, Task } from '@errand/task';
import type { Waiting } from './waiting.ts';
import { quote, quoteAll, spellTime } from './words.ts';

/** A machine, as far as a task's demands go; a `Self` is one. */
export interface Candidate {
  machine: string;
  capabilities: readonly string[];
  agents: readonly string[];
  /** The agent that `auto` means there; undefined where its heartbeat does not tell. */
  defaultAgent: string | null | undefined;
  /** Undefined where its heartbeat does not tell. */
  verifyLines?: 'any' | readonly string[] | undefined;
  paused: ReadonlyMap<string, { until: number; reason: string }>;
}

/** Another machine as a candidate, by what its heartbeat announces. A pause without an end lasts until the heartbeat drops it. */
export function candidateOfHeartbeat(machine: string, heartbeat: Heartbeat): Candidate {
  const paused = new Map<string, { until: number; reason: string }>();
  for (const [agent, { paused_until: end, reason }] of Object.entries(heartbeat.agents)) {
    if (end === undefined && reason === undefined) continue;
    const until = end === undefined ? Number.POSITIVE_INFINITY : Date.parse(end);
    if (!Number.isNaN(until)) paused.set(agent, { until, reason: reason ?? 'paused' });
  }
  const agents = Object.keys(heartbeat.agents);
  const { capabilities, default_agent: defaultAgent, verify_lines: verifyLines } = heartbeat;
  return { machine, capabilities, agents, defaultAgent, verifyLines, paused };
}

/** Why this machine cannot take the task now, or null where it can. */
export function findMisfit(task: Task, candidate: Candidate, wallMs: number): Waiting | null {
  const machine = quote(candidate.machine);
  if (task.machines !== 'any' && !task.machines.includes(candidate.machine)) {
    return { kind: 'machine', text: `is for ${quoteAll(task.machines, 'or')}, not for ${machine}` };
  }
  const missing = task.needs.filter((need) => !candidate.capabilities.includes(need));
  if (missing.length > 0) return { kind: 'needs', text: `needs ${quoteAll(missing)}, which ${machine} does not offer` };
  const wanted = wantedAgents(task, candidate);
  if (wanted.length === 0) return { kind: 'agent', text: describeMissingAgent(task.agent, machine) };
  return findForbiddenVerify(task, candidate) ?? findPause(wanted, candidate, wallMs);
}

function findForbiddenVerify({ verify }: Task, { machine, verifyLines = 'any' }: Candidate): Waiting | null {
  if (verify === undefined || verifyLines === 'any' || verifyLines.includes(verify)) return null;
  const text = `${quote(machine)} does not allow its verify line: list it in \`policy.verify\` there, or set \`permissions: bypass\``;
  return { kind: 'policy', text };
}

/** The agents of this machine that may carry the task out: one, or where its default is not known each that it may be. */
function wantedAgents(task: Task, candidate: Candidate): readonly string[] {
  if (task.agent !== 'auto') return candidate.agents.filter((agent) => agent === task.agent);
  if (candidate.defaultAgent === undefined) {
    const models = candidate.agents.filter((agent) => agent !== 'command');
    return models.length > 0 ? models : candidate.agents;
  }
  return candidate.agents.filter((agent) => agent === candidate.defaultAgent);
}

function describeMissingAgent(agent: string, machine: string): string {
  if (agent !== 'auto') return `wants the agent ${quote(agent)}, which ${machine} cannot run`;
  const remedy = `install one there that its \`policy.agents\` allows, set its \`default_agent\`, or name one in the task`;
  return `names no agent, and ${machine} has none for it: ${remedy}`;
}

function findPause(agents: readonly string[], { machine, paused }: Candidate, wallMs: number): Waiting | null {
  const pauses = agents.map((agent) => ({ agent, pause: paused.get(agent) }));
  const active = pauses.flatMap(({ agent, pause }) =>
    pause === undefined || pause.until <= wallMs ? [] : [{ agent, ...pause }],
  );
  const first = active.sort((a, b) => a.until - b.until)[0];
  if (first === undefined || active.length < agents.length) return null;
  const text = `${quote(first.agent)} is paused on ${quote(machine)} until ${spellTime(first.until)}: ${first.reason}`;
  return Number.isFinite(first.until) ? { kind: 'paused', text, until: first.until } : { kind: 'paused', text };
}
