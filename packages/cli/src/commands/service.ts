import type { ServiceHost } from '@errand/service';
import { Argument, type Command } from 'commander';
import { addExamples, addJsonOption, type Io, type Outcome } from '../command.ts';
import { fail } from '../failure.ts';
import { install } from '../service/install.ts';
import { DEFAULT_LINES, logs } from '../service/logs.ts';
import { restart } from '../service/restart.ts';
import { type ServiceOptions, scopeOf } from '../service/service-options.ts';
import { status } from '../service/status.ts';
import { uninstall } from '../service/uninstall.ts';

const ACTIONS = { install, uninstall, status, logs, restart };
type Action = keyof typeof ACTIONS;

export function define(command: Command): void {
  command
    .addArgument(new Argument('<action>', 'what to do').choices(Object.keys(ACTIONS)))
    .option('--system', "the machine's service, started without anyone logging in; as root")
    .option('--user <name>', 'with install --system: who the worker is; default: who called sudo')
    .option('--no-linger', 'install: start at log-in only, not with the machine')
    .option('--dry-run', 'install: print the service file, and change nothing')
    .option('-f, --follow', 'logs: go on as more is said, until Ctrl-C')
    .option('--lines <n>', `logs: how many lines to begin with; default ${DEFAULT_LINES}`);
  addJsonOption(command);
  addExamples(command, [
    ['errand service install', 'the worker runs from now on, also after a restart of the machine'],
    ['errand service status', 'whether it runs, since when, and what it says'],
    ['errand service logs -f', 'what the worker says'],
    ['errand service restart', 'after git pull, or a change of the configuration'],
    ['errand service uninstall', 'stops the worker; configuration, results and logs stay'],
  ]);
}

export async function run(io: Io, [given]: readonly string[], options: ServiceOptions): Promise<Outcome> {
  // The parser lets no other through.
  const action = given as Action;
  const misplaced = findMisplaced(action, options);
  if (misplaced !== null)
    return fail('usage', 'misplaced-option', `${misplaced} has no meaning for ${action}`, 'See errand service --help.');
  const chosen = await chooseScope(io, action, options);
  const meant = await refuseSudo(io, action, chosen);
  if (meant !== null) return meant;
  const host = await findHost(io, action, chosen);
  if (!host.ok) return host.outcome;
  return ACTIONS[action](io, await placeHost(io, host.value, action, chosen), chosen);
}

function findMisplaced(action: Action, options: ServiceOptions): string | null {
  const only: readonly (readonly [boolean, string, Action])[] = [
    [options.user !== undefined, '--user', 'install'],
    [!options.linger, '--no-linger', 'install'],
    [options.dryRun === true, '--dry-run', 'install'],
    [options.follow === true, '--follow', 'logs'],
    [options.lines !== undefined, '--lines', 'logs'],
  ];
  const found = only.find(([isGiven, , belongs]) => isGiven && belongs !== action);
  return found?.[1] ?? (action === 'logs' && options.json ? '--json' : null);
}

/** What is said of a service without its scope is meant for the one that is installed: the user's, or else the machine's. */
async function chooseScope(io: Io, action: Action, options: ServiceOptions): Promise<ServiceOptions> {
  if (options.system || action === 'install') return options;
  const { describeHost, findInstalledScope } = await import('@errand/service');
  return (await findInstalledScope(describeHost(io.env))) === 'system' ? { ...options, system: true } : options;
}

/**
 * An installed service has its own configuration and state, whatever this shell says. Who installs again keeps them too, unless another
 * place is named now, if only as nothing (`ERRAND_CONFIG=`).
 */
async function placeHost(io: Io, host: ServiceHost, action: Action, options: ServiceOptions): Promise<ServiceHost> {
  const { findInstalledEnvironment } = await import('@errand/service');
  const installed = await findInstalledEnvironment(host, scopeOf(options));
  if (action !== 'install') return { ...host, env: installed };
  const kept = Object.keys(installed).filter((name) => host.env[name] === undefined);
  for (const name of kept)
    io.note(`The service keeps ${name}=${installed[name]}, as it was installed. Without it: ${name}= errand service install\n`);
  return { ...host, env: { ...installed, ...host.env } };
}

/** A user's service is not root's: under sudo there would be another one, or none. */
async function refuseSudo(io: Io, action: Action, options: ServiceOptions): Promise<Outcome | null> {
  const { describeHost, findInstalledScope } = await import('@errand/service');
  const host = describeHost(io.env);
  const caller = io.env.SUDO_USER ?? 'root';
  if (options.system || host.uid !== 0 || caller === 'root' || (await findInstalledScope(host)) !== null) return null;
  const hint = `Without sudo it is ${caller}'s: errand service ${action}. The machine's own has --system.`;
  return fail('usage', 'under-sudo', "under sudo this would be about a service of root's, and there is none", hint);
}

/** Whose service it is: under sudo, that of whoever called it; of an installed one, that of the user it names. */
async function findHost(
  io: Io,
  action: Action,
  options: ServiceOptions,
): Promise<{ ok: true; value: ServiceHost } | { ok: false; outcome: Outcome }> {
  const { describeHost, describeHostOf, findSystemUser } = await import('@errand/service');
  const own = describeHost(io.env);
  if (!options.system) {
    if (options.user === undefined) return { ok: true, value: own };
    return {
      ok: false,
      outcome: fail('usage', 'misplaced-option', '--user is for --system', 'A user installs their own service.'),
    };
  }
  const installed = action === 'install' ? null : await findSystemUser(own);
  const caller = own.uid === 0 ? io.env.SUDO_USER : own.user;
  const name = options.user ?? installed ?? caller ?? (action === 'install' ? '' : own.user);
  if (name === '') {
    const hint = 'Name who the worker is to be: --user NAME. Its rights are those of the agents.';
    return { ok: false, outcome: fail('usage', 'no-user', "the machine's service needs a user", hint) };
  }
  const host = await describeHostOf(name, own);
  if (host !== null) return { ok: true, value: host };
  return {
    ok: false,
    outcome: fail('usage', 'unknown-user', `there is no user ${name} on this machine`, 'Name one that is: --user NAME.'),
  };
}
