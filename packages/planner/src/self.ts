/** What the worker knows of itself when it plans. */
export interface Self {
  machine: string;
  capabilities: readonly string[];
  /** Names of the agents that it can run at all (policy and installation). */
  agents: readonly string[];
  /** The agent that `auto` means here, or null where there is none. */
  defaultAgent: string | null;
  /** Verify lines that tasks may use here; `any` where whoever can push may run anything anyway. */
  verifyLines: 'any' | readonly string[];
  slotsFree: number;
  /** Agents paused here (limit, login), until this wall clock time in milliseconds. */
  paused: ReadonlyMap<string, { until: number; reason: string }>;
  /** Ids that are held: claimed by this boot and not let go yet. */
  held: ReadonlySet<string>;
  /** Ids held back because the branch was moved back. */
  rolledBack: ReadonlySet<string>;
}
