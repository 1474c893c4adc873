import type { Tier } from '@errand/task';

/** How far an agent may go without asking: read only, edit files, or everything. */
export type Permissions = 'plan' | 'edits' | 'bypass';

/** How an attempt is held together as one unit; `auto` takes the strongest that works here. */
export type Containment = 'auto' | 'cgroup' | 'pidns' | 'tree';

/** A value of an agent's environment: text, or the file that holds it (an absolute path). */
export type EnvValue = string | { file: string };

/** What this machine knows of one agent. */
export interface AgentSettings {
  /** Executable to start, a name on PATH or an absolute path. */
  bin?: string;
  /** The whole command line, for the `command` agent. Absent or non-empty. */
  argv?: string[];
  env: { [name: string]: EnvValue };
  /** Model for each tier, over what the queue's file says. */
  tiers?: { [tier in Tier]?: string };
  /** Turns of the model in one attempt; absent: no limit of ours. */
  maxTurns?: number;
}

/** What a notification may be about. */
export type NtfyOccasion = 'done' | 'failed' | 'cancelled' | 'queued' | 'dead-worker' | 'attention';

export type NtfyPriority = 'min' | 'low' | 'default' | 'high' | 'urgent' | 'off';

/** Where notifications go. */
export interface NtfySettings {
  server: string;
  topic: string;
  /** Topic that tells workers to look now. */
  wake?: string;
  token?: EnvValue;
  /** What a notification opens; `{path}` stands for the file in the queue. */
  click?: string;
  priorities: { [occasion in NtfyOccasion]: NtfyPriority };
}

/** What the machine's own file says: trusted, resolved, every default filled in. Durations are milliseconds. */
export interface MachineConfig {
  /** Absolute path of the file, or null where there is none. */
  path: string | null;
  /** URL or absolute path of the queue's repository, or null where nothing names one. */
  queue: string | null;
  branch: string;
  machine: string;
  slots: number;
  capabilities: string[];
  policy: {
    agents: string[];
    permissions: Permissions;
    sandbox: string;
    contain: Containment;
    repos: 'any' | string[];
    verify: string[];
  };
  agents: { [name: string]: AgentSettings };
  /** What `agent: auto` means here, or null where it means no agent. */
  defaultAgent: string | null;
  /** Where attempts without a repository run, or null for a fresh folder each. */
  directory: string | null;
  ntfy: NtfySettings | null;
  poll: { intervalMs: number };
  lease: { heartbeatMs: number; ttlMs: number };
  /** How long running attempts may go on after SIGTERM, and the time between SIGTERM and SIGKILL for one of them. */
  grace_ms: { shutdownMs: number; killMs: number };
  /** An attempt without output for so long is stalled. */
  idleTimeoutMs: number;
  outputCapBytes: number;
  keep: KeepSettings;
}

/** How long what attempts leave on this machine stays there, each counted from its last use; and the room for all of it. */
export interface KeepSettings {
  workspacesMs: number;
  logsMs: number;
  reposMs: number;
  resultsMs: number;
  sizeBytes: number;
}
