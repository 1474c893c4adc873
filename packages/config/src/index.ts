export { isKnownAgent, isSupportedAgent, KNOWN_AGENTS } from './agent-names.ts';
export { type ResolvedEnv, resolveEnvValues } from './env-values.ts';
export { defaultMachineName, type Host, readHost } from './host.ts';
export { type ConfigOverrides, loadMachineConfig } from './load-machine-config.ts';
export type {
  AgentSettings,
  Containment,
  EnvValue,
  KeepSettings,
  MachineConfig,
  NtfySettings,
  Permissions,
} from './machine-config.ts';
export { type ParsedConfig, parseMachineConfig } from './parse-machine-config.ts';
export { parseQueueConfig } from './parse-queue-config.ts';
export { findMachineConfig } from './paths.ts';
export { defaultPushBudget, pushBudget } from './push-budget.ts';
export type { ListedMachine, QueueConfig } from './queue-config.ts';
export { classifyRemote, type Remote, remoteHost } from './remote.ts';
export { type JoinValues, renderMachineConfig } from './render-machine-config.ts';
export { emptyQueueConfig } from './resolve-queue.ts';
export { salvageMachines } from './salvage-machines.ts';
export { readShippedQueueConfig } from './shipped-queue-config.ts';
export { stateDir } from './state-dir.ts';
export { LAST_PUSHES_MS, longestStopMs } from './stop-time.ts';
