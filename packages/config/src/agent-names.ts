/** Every agent that Errand knows by name, and whether this version can run it. */
export const KNOWN_AGENTS: { readonly [name: string]: { supported: boolean } } = {
  claude: { supported: false },
  codex: { supported: false },
  command: { supported: true },
  gemini: { supported: false },
  opencode: { supported: false },
};

/** True for a name that some version of Errand can run. */
export function isKnownAgent(name: string): boolean {
  return Object.hasOwn(KNOWN_AGENTS, name);
}

/** True for a name that this version can run. */
export function isSupportedAgent(name: string): boolean {
  return isKnownAgent(name) && KNOWN_AGENTS[name]?.supported === true;
}
