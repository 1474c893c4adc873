import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ManagerPort, Running, Start } from '../manager-port.ts';
import { readTemplate } from '../read-template.ts';
import type { ProgramEnd } from '../run-program.ts';
import type { ServiceHost } from '../service-host.ts';
import { type Done, refuse, type ServiceFailure, type ServiceScope } from '../service-state.ts';
import { typeAsRoot } from '../type-as-root.ts';
import { PROPERTIES, readProperties } from './properties.ts';
import { readUnitEnvironment, renderUnit, UNIT, WANTED_BY } from './render-unit.ts';

/** systemd, as the manager of this user's services or of the machine's. */
export function systemdManager(host: ServiceHost, scope: ServiceScope): ManagerPort {
  const env = scope === 'user' ? withUserBus(host) : host.env;
  const asUser = scope === 'user' ? ['--user'] : [];
  const systemctl = (args: readonly string[], timeoutMs?: number): Promise<ProgramEnd> =>
    host.run('systemctl', [...asUser, '--no-ask-password', ...args], {
      env: { ...env, LC_ALL: 'C', SYSTEMD_COLORS: '0' },
      ...(timeoutMs !== undefined && { timeoutMs }),
    });

  const refused = (call: string, verb: string, end: ProgramEnd) =>
    isDenied(end) && scope === 'system' ? refuseDenied(call, end, typeAsRoot(host, verb)) : refuseCall(call, end);

  const start = async (waitMs: number): Promise<Done<Start>> => {
    const end = await systemctl(['restart', '--', UNIT], waitMs);
    // The job goes on without the program that asked for it.
    if (end.timedOut) return { ok: true, ready: false };
    if (end.exitCode === 0) return { ok: true, ready: true };
    return isDenied(end) ? refused('restart', 'restart', end) : refuseStart(end);
  };

  return {
    manager: scope === 'user' ? 'systemd-user' : 'systemd-system',
    scope,
    unitPath: join(unitFolder(host, scope), UNIT),
    links: [join(unitFolder(host, scope), `${WANTED_BY[scope]}.wants`, UNIT)],
    render: (plan) => renderUnit(readTemplate('systemd/errand.service'), plan),
    readEnvironment: readUnitEnvironment,
    async reach() {
      const end = await systemctl(['show', '--property=Version']);
      return end.exitCode === 0 ? { ok: true } : { ok: false, cause: explainUnreachable(host, scope, end.stderr) };
    },
    async look(): Promise<Running> {
      const end = await systemctl(['show', `--property=${PROPERTIES.join(',')}`, '--', UNIT]);
      return readProperties(end.exitCode === 0 ? end.stdout : '', {
        monotonicMs: Number(process.hrtime.bigint() / 1_000_000n),
        wallMs: Date.now(),
      });
    },
    async enable(waitMs) {
      const loaded = await systemctl(['daemon-reload']);
      if (loaded.exitCode !== 0) return refused('daemon-reload', 'install', loaded);
      const enabled = await systemctl(['enable', '--', UNIT]);
      if (isUnknown(enabled) && scope === 'user' && env.XDG_CONFIG_HOME) return refuseUnseen(env.XDG_CONFIG_HOME);
      if (enabled.exitCode !== 0) return refused('enable', 'install', enabled);
      return start(waitMs);
    },
    async disable(waitMs) {
      // A unit without its file cannot be disabled, and can be stopped.
      const stopped = await systemctl(['stop', '--', UNIT], waitMs);
      if (stopped.timedOut) {
        const message = `the worker has not stopped in ${Math.round(waitMs / 1000)} s`;
        return refuse('still-stopping', message, 'What it runs may still go on for its grace: try again in a while.');
      }
      if (stopped.exitCode !== 0 && !isUnknown(stopped)) return refused('stop', 'uninstall', stopped);
      const disabled = await systemctl(['disable', '--', UNIT]);
      return disabled.exitCode === 0 || isUnknown(disabled) ? { ok: true } : refused('disable', 'uninstall', disabled);
    },
    async forget() {
      await systemctl(['daemon-reload']);
      await systemctl(['reset-failed', '--', UNIT]);
    },
    restart: start,
    logs: (lines, follow) => [
      'journalctl',
      ...(scope === 'user' ? [`--user-unit=${UNIT}`, `_UID=${host.uid}`] : [`--unit=${UNIT}`]),
      `--lines=${lines}`,
      '--no-pager',
      ...(follow ? ['--follow'] : []),
    ],
  };
}

function unitFolder({ env, home }: ServiceHost, scope: ServiceScope): string {
  if (scope === 'system') return '/etc/systemd/system';
  const config = env.XDG_CONFIG_HOME?.startsWith('/') ? env.XDG_CONFIG_HOME : join(home, '.config');
  return join(config, 'systemd', 'user');
}

/** Whoever came by `su` has no session, and yet a manager that lingers. */
function withUserBus({ env, uid }: ServiceHost): NodeJS.ProcessEnv {
  const folder = `/run/user/${uid}`;
  return env.XDG_RUNTIME_DIR || !existsSync(folder) ? env : { ...env, XDG_RUNTIME_DIR: folder };
}

function explainUnreachable({ user }: ServiceHost, scope: ServiceScope, stderr: string): string {
  const said = firstLine(stderr);
  if (/ENOENT|not found/i.test(said)) return 'there is no systemctl on this machine';
  if (scope === 'user' && /connect to (?:user scope )?bus/i.test(said)) return `no systemd manager runs for ${user} (${said})`;
  return said;
}

function refuseStart(end: ProgramEnd): { ok: false; failure: ServiceFailure } {
  const hint = 'See errand service logs for what the worker said, and errand service status for how it is.';
  return refuse('worker-not-started', `the worker did not start: ${firstLine(end.stderr)}`, hint);
}

/** systemd knows no unit of this name: its file is gone, or is where systemd does not look. */
function isUnknown({ exitCode, stderr }: ProgramEnd): boolean {
  return exitCode !== 0 && /not loaded|not found|does not exist|no such file/i.test(stderr);
}

function refuseUnseen(folder: string): { ok: false; failure: ServiceFailure } {
  return refuse(
    'unit-not-seen',
    `systemd does not look for units in ${folder}: XDG_CONFIG_HOME is set here and not for systemd`,
    'Unset it (unset XDG_CONFIG_HOME), or set it for systemd too in ~/.config/environment.d, log in again, and install again.',
  );
}

function isDenied({ stderr }: ProgramEnd): boolean {
  return /access denied|interactive authentication|permission denied/i.test(stderr);
}

function refuseDenied(call: string, end: ProgramEnd, command: string): { ok: false; failure: ServiceFailure } {
  return refuse('not-allowed', `systemctl ${call} failed: ${firstLine(end.stderr)}`, `Root may: ${command}`);
}

function refuseCall(call: string, { stderr, exitCode }: ProgramEnd): { ok: false; failure: ServiceFailure } {
  const message = `systemctl ${call} failed: ${firstLine(stderr) || `exit status ${exitCode}`}`;
  return refuse('systemctl-failed', message, 'Repair what it says, and try again.');
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
