/** What a key of the machine's file means where it is absent, spelled as it would stand there. */
export const MACHINE_DEFAULTS = {
  branch: 'main',
  slots: 1,
  capabilities: [],
  policy: { agents: [], permissions: 'plan', sandbox: 'auto', contain: 'auto', repos: 'any', verify: [] },
  ntfy: {
    priorities: {
      done: 'default',
      failed: 'high',
      cancelled: 'low',
      queued: 'low',
      'dead-worker': 'urgent',
      attention: 'high',
    },
  },
  poll: { interval: '30s' },
  lease: { heartbeat: '60s' },
  grace: { shutdown: '30s', kill: '10s' },
  idle_timeout: '10m',
  output_cap: '1MiB',
  keep: { workspaces: '7d', logs: '30d', repos: '30d', results: '180d', size: '5GiB' },
} as const;

/** Where only the heartbeat is given, a claim may miss two of them before it counts as stale. */
export const HEARTBEATS_PER_TTL = 3;
