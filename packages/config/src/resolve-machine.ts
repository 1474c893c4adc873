import { dirname } from 'node:path';
import { parseDuration } from '@errand/task';
import { defaultMachineName, type Host } from './host.ts';
import type { AgentSettings, EnvValue, MachineConfig, NtfySettings } from './machine-config.ts';
import { MACHINE_DEFAULTS as DEFAULT, HEARTBEATS_PER_TTL } from './machine-defaults.ts';
import type { MachineFile } from './machine-schema.ts';
import { expandPath } from './paths.ts';
import { classifyRemote } from './remote.ts';

/** Fills in every default and makes every path absolute; relative ones start from the file's folder, or from `host.cwd` without a file. */
export function resolveMachine(file: MachineFile, path: string | null, host: Host): MachineConfig {
  const from = path === null ? host.cwd : dirname(path);
  const toPath = (text: string): string => expandPath(text, from, host.home);
  const heartbeatMs = readDuration(file.lease?.heartbeat ?? DEFAULT.lease.heartbeat);
  return {
    path,
    queue: file.queue === undefined ? null : resolveRemote(file.queue, from, host.home),
    branch: file.branch ?? DEFAULT.branch,
    machine: file.machine ?? defaultMachineName(host.hostname),
    slots: file.slots ?? DEFAULT.slots,
    capabilities: withoutRepeats(file.capabilities ?? DEFAULT.capabilities),
    policy: {
      agents: withoutRepeats(file.policy?.agents ?? DEFAULT.policy.agents),
      permissions: file.policy?.permissions ?? DEFAULT.policy.permissions,
      sandbox: file.policy?.sandbox ?? DEFAULT.policy.sandbox,
      contain: file.policy?.contain ?? DEFAULT.policy.contain,
      repos: file.policy?.repos ?? DEFAULT.policy.repos,
      verify: withoutRepeats(file.policy?.verify ?? DEFAULT.policy.verify),
    },
    agents: mapValues(file.agents ?? {}, (agent) => resolveAgent(agent, toPath)),
    defaultAgent: file.default_agent ?? null,
    directory: file.directory === undefined ? null : toPath(file.directory),
    ntfy: file.ntfy === undefined ? null : resolveNtfy(file.ntfy, toPath),
    poll: { intervalMs: readDuration(file.poll?.interval ?? DEFAULT.poll.interval) },
    lease: {
      heartbeatMs,
      ttlMs: file.lease?.ttl === undefined ? HEARTBEATS_PER_TTL * heartbeatMs : readDuration(file.lease.ttl),
    },
    grace_ms: {
      shutdownMs: readDuration(file.grace?.shutdown ?? DEFAULT.grace.shutdown),
      killMs: readDuration(file.grace?.kill ?? DEFAULT.grace.kill),
    },
    idleTimeoutMs: readDuration(file.idle_timeout ?? DEFAULT.idle_timeout),
    outputCapBytes: readSize(file.output_cap ?? DEFAULT.output_cap),
    keep: {
      workspacesMs: readDuration(file.keep?.workspaces ?? DEFAULT.keep.workspaces),
      logsMs: readDuration(file.keep?.logs ?? DEFAULT.keep.logs),
      reposMs: readDuration(file.keep?.repos ?? DEFAULT.keep.repos),
      resultsMs: readDuration(file.keep?.results ?? DEFAULT.keep.results),
      sizeBytes: readSize(file.keep?.size ?? DEFAULT.keep.size),
    },
  };
}

/** A remote's URL as it is, or its path made absolute. */
export function resolveRemote(remote: string, from: string, home: string): string {
  return classifyRemote(remote).kind === 'path' ? expandPath(remote, from, home) : remote;
}

function resolveAgent(agent: NonNullable<MachineFile['agents']>[string], toPath: (text: string) => string): AgentSettings {
  return {
    ...(agent.bin === undefined ? {} : { bin: agent.bin.includes('/') ? toPath(agent.bin) : agent.bin }),
    ...(agent.argv === undefined ? {} : { argv: agent.argv }),
    env: mapValues(agent.env ?? {}, (value) => resolveSecret(value, toPath)),
    ...(agent.tiers === undefined ? {} : { tiers: agent.tiers }),
    ...(agent.max_turns === undefined ? {} : { maxTurns: agent.max_turns }),
  };
}

function resolveNtfy(ntfy: NonNullable<MachineFile['ntfy']>, toPath: (text: string) => string): NtfySettings {
  const { token, priorities, ...rest } = ntfy;
  const resolved = { ...rest, priorities: { ...DEFAULT.ntfy.priorities, ...priorities } };
  return token === undefined ? resolved : { ...resolved, token: resolveSecret(token, toPath) };
}

function resolveSecret(value: EnvValue, toPath: (text: string) => string): EnvValue {
  return typeof value === 'string' ? value : { file: toPath(value.file) };
}

function mapValues<A, B>(record: { readonly [name: string]: A }, map: (value: A) => B): { [name: string]: B } {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

function withoutRepeats(items: readonly string[]): string[] {
  return [...new Set(items)];
}

function readDuration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new Error(`unchecked duration: ${text}`);
  return ms;
}

function readSize(size: number | string): number {
  if (typeof size === 'number') return size;
  const exponent = 1 + ['KiB', 'MiB', 'GiB'].indexOf(size.slice(-3));
  return Number.parseInt(size, 10) * 1024 ** exponent;
}
