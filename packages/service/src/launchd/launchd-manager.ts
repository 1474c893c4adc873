import { join } from 'node:path';
import type { ManagerPort, Running, Start } from '../manager-port.ts';
import { readTemplate } from '../read-template.ts';
import type { ProgramEnd } from '../run-program.ts';
import type { ServiceHost } from '../service-host.ts';
import { type Done, refuse, type ServiceFailure, type ServiceScope } from '../service-state.ts';
import { LABEL, logPath, readPlistEnvironment, renderPlist } from './render-plist.ts';

/**
 * launchd, for this user's session or for the machine. It knows no readiness and no watchdog: that a worker was started says
 * nothing of whether it works.
 */
export function launchdManager(host: ServiceHost, scope: ServiceScope): ManagerPort {
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
  return {
    manager: 'launchd',
    scope,
    unitPath,
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
      await launchctl(['bootout', target], waitMs);
      for (const args of [
        ['enable', target],
        ['bootstrap', domain, unitPath],
      ]) {
        const end = await launchctl(args);
        if (end.exitCode !== 0) return refuseCall(args[0] ?? '', end);
      }
      return { ok: true, ready: null };
    },
    async disable(waitMs) {
      const loaded = await launchctl(['print', target]);
      if (loaded.exitCode !== 0) return { ok: true };
      const end = await launchctl(['bootout', target], waitMs);
      return end.exitCode === 0 ? { ok: true } : refuseCall('bootout', end);
    },
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
    mainPid: pid > 0 ? pid : null,
    restarts: runs > 0 ? runs - 1 : null,
    since: null,
    says: null,
    startedAtMs: null,
  };
}

function refuseCall(verb: string, { stderr, exitCode }: ProgramEnd): { ok: false; failure: ServiceFailure } {
  const said = stderr.trim().split('\n')[0] || `exit status ${exitCode}`;
  return refuse('launchctl-failed', `launchctl ${verb} failed: ${said}`, 'Repair what it says, and try again.');
}
