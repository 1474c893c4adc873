import { AGENT_NAMES } from '@errand/task';

/** Every agent that some version of Errand can run; `auto` is a choice among them. */
export const KNOWN_AGENTS: readonly string[] = AGENT_NAMES.filter((name) => name !== 'auto').sort();

const SUPPORTED_AGENTS: ReadonlySet<string> = new Set(['claude', 'command']);

/** True for a name that some version of Errand can run. */
export function isKnownAgent(name: string): boolean {
  return KNOWN_AGENTS.includes(name);
}

/** True for a name that this version can run. */
export function isSupportedAgent(name: string): boolean {
  return SUPPORTED_AGENTS.has(name);
}
