import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { MachineConfig } from '@errand/config';
import { chooseManager } from './choose-manager.ts';
import { findInstalled } from './find-installed.ts';
import { runsWithoutFile } from './inspect-service.ts';
import type { ManagerPort, Start } from './manager-port.ts';
import { isOurs } from './marker.ts';
import { findUnwritable } from './plan/find-unwritable.ts';
import { findUntrustedNode, planService, type ServicePlan } from './plan/plan-service.ts';
import { refuseWithoutManager } from './refuse-without-manager.ts';
import type { ServiceHost } from './service-host.ts';
import { type Done, refuse, type ServiceScope } from './service-state.ts';
import { enableLinger, isLingering } from './systemd/linger.ts';
import { systemdManager } from './systemd/systemd-manager.ts';
import { refuseWithoutRoot, typeAsRoot } from './type-as-root.ts';

export interface InstallRequest {
  host: ServiceHost;
  scope: ServiceScope;
  machine: MachineConfig;
  /** Whether this user's services are to start with the machine. */
  linger: boolean;
  /** How long to wait until the worker is ready, milliseconds. */
  waitMs: number;
  /** Called before a worker that runs is stopped. */
  onRestart?(): void;
}

export interface Installation {
  unitPath: string;
  /** What became of the file: it was not there, said something else, or is as it was. */
  file: 'new' | 'replaced' | 'same';
  /** False: it had not looked at the queue when waiting ended, and goes on trying. Null: this manager cannot tell. */
  ready: Start['ready'];
  lingering: boolean | null;
  /** Why lingering could not be turned on, in the words of loginctl, or null. */
  lingerRefused: string | null;
}

/** A manager that was told to start may take a moment until it answers. */
const MANAGER_START_MS = 10_000;

/** The text that an installation would write, and where. */
export function renderService({ host, scope, machine }: Pick<InstallRequest, 'host' | 'scope' | 'machine'>): Done<{
  port: ManagerPort;
  text: string;
}> {
  // Where no systemd runs its unit can be read all the same: to be put somewhere else, or for what it says.
  const port = chooseManager(host, scope) ?? (host.platform === 'linux' ? systemdManager(host, scope) : null);
  if (port === null) return refuseWithoutManager(host, 'install');
  const plan: ServicePlan = planService(host, scope, machine);
  const writable = findUnwritable(plan);
  return writable.ok ? { ok: true, port, text: port.render(plan) } : writable;
}

/** Installs the service, or brings it up to date, and starts the worker anew. Twice is as good as once. */
export async function installService(request: InstallRequest): Promise<Done<Installation>> {
  const { host, scope, linger, waitMs } = request;
  if (chooseManager(host, scope) === null) return refuseWithoutManager(host, 'install');
  const rendered = renderService(request);
  if (!rendered.ok) return rendered;
  const { port, text } = rendered;
  const { unitPath } = port;
  const allowed = refuseWithoutRoot(host, scope, 'install');
  if (!allowed.ok) return allowed;
  const before = await readFile(unitPath, 'utf8').catch(() => null);
  if (before !== null && !isOurs(before)) {
    const message = `${unitPath} is there, and errand did not write it`;
    return refuse(
      'foreign-unit',
      message,
      'Look at it. If it is yours and not needed any more, move it away, and install again.',
    );
  }
  const untrusted = findUntrustedNode(host);
  if (untrusted !== null) {
    const message = `Node is in ${untrusted}, where others than ${host.user} and root may change programs: they would choose what the service runs`;
    return refuse(
      'untrusted-node',
      message,
      `Take their right to write there away (chmod go-w), or use a Node of ${host.user}'s or root's.`,
    );
  }
  const single = await refuseSecond(host, scope);
  if (!single.ok) return single;
  const lingerRefused = scope === 'user' && linger && isLingering(host) === false ? await enableLinger(host) : null;
  const reached = await untilReachable(port, lingerRefused === null ? MANAGER_START_MS : 0);
  if (!reached.ok) return refuseUnreachable(host, reached.cause, lingerRefused);

  const file = before === null ? 'new' : before === text ? 'same' : 'replaced';
  const written = await writeWhole(unitPath, text);
  if (!written.ok) return written;
  if ((await port.look()).mainPid !== null) request.onRestart?.();
  const started = await port.enable(waitMs);
  if (!started.ok) {
    // What its manager does not take up is not left for it to stumble over.
    if (file === 'new' && started.failure.code !== 'worker-not-started') {
      await rm(unitPath, { force: true });
      await port.forget();
    }
    return started;
  }
  const lingering = port.manager === 'systemd-user' ? isLingering(host) : null;
  return { ok: true, unitPath, file, ready: started.ready, lingering, lingerRefused };
}

export interface Removal {
  /** Null where nothing of errand's was installed. */
  unitPath: string | null;
  lingering: boolean | null;
  /** A folder of drop-ins that somebody made for the unit; it stays. */
  dropIns: string | null;
}

/** Stops the worker, which may take its grace, and removes what an installation made, and nothing else. */
export async function uninstallService(host: ServiceHost, scope: ServiceScope, waitMs: number): Promise<Done<Removal>> {
  const port = chooseManager(host, scope);
  if (port === null) return refuseWithoutManager(host, 'uninstall');
  const { unitPath } = port;
  const lingering = port.manager === 'systemd-user' ? isLingering(host) : null;
  const dropIns = existsSync(`${unitPath}.d`) ? `${unitPath}.d` : null;
  const text = await readFile(unitPath, 'utf8').catch(() => null);
  const isLeft = text === null && (await port.reach()).ok && runsWithoutFile(port, await port.look());
  if (text === null && !isLeft) return { ok: true, unitPath: null, lingering, dropIns };
  if (text !== null && !isOurs(text)) {
    return refuse('foreign-unit', `${unitPath} stays: errand did not write it`, 'If it is yours, remove it as you installed it.');
  }
  const allowed = refuseWithoutRoot(host, scope, 'uninstall');
  if (!allowed.ok) return allowed;
  const reached = await port.reach();
  if (!reached.ok) {
    const hint = 'Log in as this user (over ssh, not by su), and try again: a worker that runs is to be stopped first.';
    return refuse('manager-unreachable', reached.cause, hint);
  }
  const disabled = await port.disable(waitMs);
  if (!disabled.ok) return disabled;
  for (const path of [unitPath, ...port.links]) await rm(path, { force: true });
  await port.forget();
  return { ok: true, unitPath, lingering, dropIns };
}

/**
 * Stops the worker with its grace, and starts it again with the code and the configuration of now. `onBegin` is called when
 * nothing stands against that any more.
 */
export async function restartService(
  host: ServiceHost,
  scope: ServiceScope,
  waitMs: number,
  onBegin: () => void = () => {},
): Promise<Done<Start>> {
  const port = chooseManager(host, scope);
  if (port === null) return refuseWithoutManager(host, 'restart');
  const allowed = refuseWithoutRoot(host, scope, 'restart');
  if (!allowed.ok) return allowed;
  if (!existsSync(port.unitPath)) {
    return refuse('not-installed', `there is no ${port.unitPath}`, 'Run errand service install.');
  }
  const reached = await port.reach();
  if (!reached.ok) return refuseUnreachable(host, reached.cause, null);
  onBegin();
  return port.restart(waitMs);
}

/** Two services of one user are two workers of one name. */
async function refuseSecond(host: ServiceHost, scope: ServiceScope): Promise<Done> {
  const other = await findInstalled(host, scope === 'user' ? 'system' : 'user');
  if (other === null || other.user !== host.user) return { ok: true };
  const message = `${other.unitPath} is installed for ${host.user}, and this would be a second worker beside it`;
  const hint =
    scope === 'user'
      ? `To bring that one up to date: ${typeAsRoot(host, 'install')}. To have this one instead, first: ${typeAsRoot(host, 'uninstall')}`
      : `To have this one instead, first run errand service uninstall as ${host.user}.`;
  return refuse('installed-elsewhere', message, hint);
}

function refuseUnreachable(host: ServiceHost, cause: string, lingerRefused: string | null) {
  const forMachine = typeAsRoot(host, 'install');
  if (host.platform !== 'linux')
    return refuse('manager-unreachable', cause, `Log in at the machine itself, or install for the machine: ${forMachine}`);
  const hint =
    lingerRefused === null
      ? `Log in as this user (over ssh, not by su), or install for the machine: ${forMachine}`
      : `Run sudo loginctl enable-linger ${host.user}, and install again; or install for the machine: ${forMachine}`;
  return refuse('manager-unreachable', cause, hint);
}

async function untilReachable(port: ManagerPort, patienceMs: number) {
  const end = performance.now() + patienceMs;
  let reached = await port.reach();
  while (!reached.ok && performance.now() < end) {
    await pause(100);
    reached = await port.reach();
  }
  return reached;
}

/** Appears whole or not at all. */
async function writeWhole(path: string, text: string): Promise<Done> {
  const draft = `${path}.${process.pid}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, text, { mode: 0o644 });
    await rename(draft, path);
    return { ok: true };
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    return refuse(
      'unit-not-written',
      `${path} cannot be written: ${(error as Error).message}`,
      'Correct its folder, and install again.',
    );
  }
}
