import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ManagerPort, Running, Start } from '../manager-port.ts';
import { readTemplate } from '../read-template.ts';
import type { ProgramEnd } from '../run-program.ts';
import type { ServiceHost } from '../service-host.ts';
import { type Done, refuse, type ServiceFailure, type ServiceScope } from '../service-state.ts';
import { LABEL, logPath, readPlistEnvironment, renderPlist } from './render-plist.ts';

/** How often to look whether a label is free, milliseconds. */
const TICK_MS = 500;
/** Statuses of `launchctl`, which are those of errno(2) and of launchd's own: no such process, operation now in progress. */
const UNDER_WAY = [3, 36];
const INPUT_OUTPUT_ERROR = 5;
const BOOTSTRAP_TRIES = 20;

/**
 * launchd, for this user's session or for the machine. It knows no readiness and no watchdog: that a worker was started says
 * nothing of whether it works.
 */
export function launchdManager(host: ServiceHost, scope: ServiceScope, tickMs = TICK_MS): ManagerPort {
  const domain = scope === 'system' ? 'system' : `gui/${host.uid}`;
  const target = `${domain}/${LABEL}`;
  const unitPath = join(
    scope === 'system' ? '/' : host.home,
    'Library',
    scope === 'system' ? 'LaunchDaemons' : 'LaunchAgents',
    `${LABEL}.plist`,
  );
  const launchctl = (args: readonly string[], timeoutMs?: number): Promise<ProgramEnd> =>
    host.run('launchctl', args, { env: host.env, ...(timeoutMs !== undefined && { timeoutMs }) });
  const isLoaded = async (): Promise<boolean> => (await launchctl(['print', target])).exitCode === 0;

  /** Unloads the label and waits until it is free: that is when the worker has ended, which may take its grace. */
  const takeOut = async (waitMs: number): Promise<Done> => {
    if (!(await isLoaded())) return { ok: true };
    const end = await launchctl(['bootout', target], waitMs);
    if (end.exitCode !== 0 && !end.timedOut && !UNDER_WAY.includes(end.exitCode ?? 0)) return refuseCall('bootout', end);
    for (let left = waitMs; left > 0; left -= tickMs) {
      if (!(await isLoaded())) return { ok: true };
      await pause(tickMs);
    }
    const message = `the worker has not stopped in ${Math.round(waitMs / 1000)} s`;
    return refuse('still-stopping', message, 'What it runs may still go on for its grace: try again in a while.');
  };

  return {
    manager: 'launchd',
    scope,
    unitPath,
    links: [],
    render: (plan) => renderPlist(readTemplate('launchd/dev.errand.worker.plist'), plan),
    readEnvironment: readPlistEnvironment,
    async reach() {
      const end = await launchctl(['print', domain]);
      return end.exitCode === 0 ? { ok: true } : { ok: false, cause: `launchd has no ${domain}: ${end.stderr.trim()}` };
    },
    async look(): Promise<Running> {
      const [printed, disabled] = await Promise.all([launchctl(['print', target]), launchctl(['print-disabled', domain])]);
      return readPrinted(printed.exitCode === 0 ? printed.stdout : null, disabled.stdout);
    },
    async enable(waitMs) {
      // What is loaded under the label would keep its old text.
      const gone = await takeOut(waitMs);
      if (!gone.ok) return gone;
      const enabled = await launchctl(['enable', target]);
      if (enabled.exitCode !== 0) return refuseCall('enable', enabled);
      let loaded = await launchctl(['bootstrap', domain, unitPath]);
      // For some seconds after a label is gone, launchd answers so to whoever wants it again.
      for (let tries = 1; loaded.exitCode === INPUT_OUTPUT_ERROR && tries < BOOTSTRAP_TRIES; tries++) {
        await pause(tickMs);
        loaded = await launchctl(['bootstrap', domain, unitPath]);
      }
      return loaded.exitCode === 0 ? { ok: true, ready: null } : refuseCall('bootstrap', loaded);
    },
    disable: takeOut,
    async forget() {},
    async restart(waitMs): Promise<Done<Start>> {
      // `kickstart -k` would kill at once: TERM lets attempts have their grace, and KeepAlive starts the next.
      const end = await launchctl(['kill', 'SIGTERM', target], waitMs);
      return end.exitCode === 0 ? { ok: true, ready: null } : refuseCall('kill', end);
    },
    logs: (lines, follow) => ['tail', '-n', String(lines), ...(follow ? ['-F'] : []), logPath({ scope, home: host.home })],
  };
}

/** `launchctl print` is for people and says so: only these three lines are read, and what is missing is not known. */
export function readPrinted(printed: string | null, disabled: string): Running {
  const line = (name: string): string | null =>
    printed === null ? null : (new RegExp(`^\\s*${name} = (.+)$`, 'm').exec(printed)?.[1] ?? null);
  const pid = Number(line('pid'));
  const runs = Number(line('runs'));
  const isDisabled = new RegExp(`"${LABEL}" => (?:true|disabled)`).test(disabled);
  return {
    enabled: printed !== null && !isDisabled,
    active: printed === null ? 'inactive' : line('state') === 'running' ? 'active' : (line('state') ?? 'unknown'),
    restarting: false,
    mainPid: pid > 0 ? pid : null,
    restarts: runs > 0 ? runs - 1 : null,
    since: null,
    says: null,
    startedAtMs: null,
    unitPath: line('path'),
    path: null,
  };
}

function refuseCall(verb: string, { stderr, exitCode }: ProgramEnd): { ok: false; failure: ServiceFailure } {
  const said = stderr.trim().split('\n')[0] || `exit status ${exitCode}`;
  return refuse('launchctl-failed', `launchctl ${verb} failed: ${said}`, 'Repair what it says, and try again.');
}
