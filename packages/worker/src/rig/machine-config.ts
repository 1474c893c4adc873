import type { MachineConfig } from '@errand/config';

/** What a machine's own file says, for who tests nothing of it. */
export function machineConfig(machine: string): MachineConfig & { queue: string } {
  return {
    path: null,
    queue: 'memory:',
    branch: 'main',
    machine,
    slots: 2,
    capabilities: [],
    policy: { agents: ['command'], permissions: 'plan', sandbox: 'auto', contain: 'tree', repos: 'any', verify: [] },
    agents: { command: { env: {} } },
    defaultAgent: 'command',
    directory: null,
    ntfy: null,
    poll: { intervalMs: 30_000 },
    lease: { heartbeatMs: 60_000, ttlMs: 180_000 },
    grace_ms: { shutdownMs: 1_000, killMs: 100 },
    idleTimeoutMs: 600_000,
    outputCapBytes: 1_048_576,
    keep: {
      workspacesMs: 604_800_000,
      logsMs: 2_592_000_000,
      reposMs: 2_592_000_000,
      resultsMs: 15_552_000_000,
      sizeBytes: 2 ** 33,
    },
  };
}
