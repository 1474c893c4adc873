import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { loadMachineConfig } from '@errand/config';
import { chooseManager } from './choose-manager.ts';
import { findInstalledScope, readUser } from './find-installed.ts';
import type { ManagerPort, Running } from './manager-port.ts';
import { isOurs } from './marker.ts';
import { planService } from './plan/plan-service.ts';
import { describeHost, describeHostOf, type ServiceHost } from './service-host.ts';
import type { ServiceScope, ServiceState } from './service-state.ts';
import { isLingering } from './systemd/linger.ts';

export interface InspectOptions {
  env: NodeJS.ProcessEnv;
  /** Default: the user's service, or, where only that is installed, the machine's. */
  scope?: ServiceScope;
  host?: ServiceHost;
}

/** The program that a worker is: its time changes when the code of the checkout does, and only then. */
const WORKER_CODE = 'packages/cli/dist/worker-bundle.js';
/** A start and a build may share a second. */
const SLACK_MS = 1_000;

/** Looks at the worker's service: its file, its manager, its process. Changes nothing, and never rejects. */
export async function inspectService({ env, scope, host = describeHost(env) }: InspectOptions): Promise<ServiceState> {
  const chosen = scope ?? (await findInstalledScope(host)) ?? 'user';
  const port = chooseManager(host, chosen);
  return port === null ? absentManager(host) : inspectPort(host, port);
}

export async function inspectPort(host: ServiceHost, port: ManagerPort): Promise<ServiceState> {
  const [text, reachable] = await Promise.all([readText(port.unitPath), port.reach()]);
  const running = reachable.ok ? await port.look() : UNKNOWN;
  const ours = text !== null && isOurs(text);
  const environment = text === null ? [] : port.readEnvironment(text);
  return {
    manager: port.manager,
    scope: port.scope,
    reachable,
    unitPath: ours ? port.unitPath : null,
    foreign: text !== null && !ours,
    orphaned: text === null && runsWithoutFile(port, running),
    current: ours ? await isCurrent(host, port, text) : false,
    enabled: running.enabled,
    active: running.active,
    restarting: running.restarting,
    lingering: port.manager === 'systemd-user' ? isLingering(host) : null,
    path: text === null ? null : (running.path ?? environment.find(([name]) => name === 'PATH')?.[1] ?? null),
    environment: Object.fromEntries(environment.filter(([name]) => name !== 'PATH')),
    mainPid: running.mainPid,
    restarts: running.restarts,
    since: running.since,
    says: running.says,
    outdated: await isOutdated(host, running),
  };
}

/** Somebody removed the file by hand, and its manager still has what it loaded from it. */
export function runsWithoutFile(port: ManagerPort, { mainPid, unitPath }: Running): boolean {
  return mainPid !== null && (unitPath === null || unitPath === port.unitPath);
}

/**
 * Whether an installation would write the same; null where that cannot be known, since the configuration of the service's user
 * cannot be read here or is not valid. Its environment is not compared: that of whoever asks may differ for good reasons.
 */
async function isCurrent(host: ServiceHost, port: ManagerPort, text: string): Promise<boolean | null> {
  // The machine's service may run as somebody else than whoever asks.
  const served = await describeHostOf(readUser(text) ?? host.user, host);
  if (served === null) return null;
  const environment = port.readEnvironment(text);
  const config = await loadMachineConfig({ ...Object.fromEntries(environment), HOME: served.home });
  if (!config.ok || config.value === null) return null;
  return port.render({ ...planService(served, port.scope, config.value), environment }) === text;
}

async function isOutdated({ root }: ServiceHost, { startedAtMs }: Running): Promise<boolean | null> {
  if (startedAtMs === null) return null;
  const code = await stat(join(root, WORKER_CODE)).catch(() => null);
  return code === null ? null : code.mtimeMs > startedAtMs + SLACK_MS;
}

const UNKNOWN: Running = {
  enabled: false,
  active: 'unknown',
  restarting: false,
  mainPid: null,
  restarts: null,
  since: null,
  says: null,
  startedAtMs: null,
  unitPath: null,
  path: null,
};

function absentManager({ platform }: ServiceHost): ServiceState {
  const cause = platform === 'linux' ? 'systemd does not run on this machine' : `errand knows no service manager of ${platform}`;
  const { startedAtMs: _, ...running } = UNKNOWN;
  const nothing = {
    unitPath: null,
    foreign: false,
    orphaned: false,
    current: false,
    lingering: null,
    path: null,
    environment: {},
    outdated: null,
  };
  return { manager: 'none', scope: 'user', reachable: { ok: false, cause }, ...running, ...nothing };
}

async function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}
