export type Tier = 'haiku' | 'sonnet' | 'opus';
export const TIERS: readonly Tier[] = ['haiku', 'sonnet', 'opus'];

export type Delivery = 'none' | 'branch';

/** What `tasks/<id>.md` asks for, with every default filled in. Durations are milliseconds. */
export interface Task {
  id: string;
  /** `title:`, or else the first line of the prompt, at most 72 characters. */
  title: string;
  /** The text the agent gets: the file without its front matter, trimmed at its end. */
  prompt: string;
  machines: 'any' | readonly string[];
  needs: readonly string[];
  /** `auto` never means `command`. */
  agent: string;
  /** `auto`, a tier, or an exact model id. */
  model: string;
  /** 0 first … 9 last; 5 by default. */
  priority: number;
  dependsOn: readonly string[];
  /** Tasks with the same key run one at a time. */
  key?: string;
  hold: boolean;
  /** A name in the queue's `repos`, or a git URL: the attempt works in a worktree of it. */
  repo?: string;
  /** Branch, tag or commit of the repository to start from; its default branch where absent. */
  base?: string;
  /** A shell line whose exit status 0 is the evidence that it worked. */
  verify?: string;
  /** What becomes of the commits: kept on the machine, or pushed to a branch of the attempt. */
  deliver: Delivery;
  /** Wall clock, milliseconds since 1970. */
  notBefore?: number;
  timeoutMs: number;
  /** How many counted attempts may follow the first one. */
  retries: number;
}
