/** `agents.claude` of the machine's configuration, resolved, and what its policy allows. */
export interface ClaudeConfig {
  /** The program, e.g. `claude`. */
  bin: string;
  /** The machine's own environment for it, values already read; wins over ours, except `ERRAND_*`. */
  env: { readonly [name: string]: string };
  /** `CLAUDE_CONFIG_DIR` unless `env` sets it: login and sessions of one account. */
  configDir: string;
  permissions: 'plan' | 'edits' | 'bypass';
  /** Ends an attempt after so many turns; without it only clocks do. */
  maxTurns?: number;
}
