import { join } from 'node:path';
import { findTrouble, type ServiceHost, type ServiceState } from '@errand/service';
import { quoteWords } from '../reach/quote-words.ts';
import { spellTime } from '../spell.ts';

/** The state of the service for people, each thing that is not as it should be with what to do about it. */
export function renderServiceState(state: ServiceState, { user, root }: Pick<ServiceHost, 'user' | 'root'>): string {
  const type = (verb: string): string =>
    state.scope === 'system'
      ? `sudo ${quoteWords([join(root, 'scripts', 'errand'), 'service', verb, '--system'])}`
      : `errand service ${verb}`;
  if (!state.reachable.ok && state.unitPath === null)
    return `No service: ${state.reachable.cause}.\n  ${whatInstead(state, user)}\n`;
  if (state.foreign)
    return `No service of errand's: another program's file stands in its place.\n  errand service install says more.\n`;
  if (state.orphaned)
    return `The file of the service is gone, and its worker still runs (process ${state.mainPid}).\n  Run ${type('uninstall')}, which stops it, or ${type('install')}, which has it again.\n`;
  if (state.unitPath === null) return 'No service is installed.\n  Run errand service install\n';
  const rows: [string, string][] = [
    ['worker', describeProcess(state)],
    ...(state.says === null || state.mainPid === null ? [] : [['says', state.says] as [string, string]]),
    ['starts', describeBeginning(state, user)],
    ['file', `${state.unitPath} (${describeManager(state)})`],
    ...(state.path === null ? [] : [['PATH', state.path] as [string, string]]),
  ];
  const remedies = [
    ...(state.reachable.ok ? [] : [`Its manager does not answer: ${state.reachable.cause}.`]),
    ...describeTrouble(state, type('restart')),
    ...(state.outdated ? [`The worker that runs is older than the checkout: run ${type('restart')}`] : []),
    ...(state.current === false ? [`An installation would write another file now: run ${type('install')}`] : []),
    ...(state.lingering === false ? [`It stops when ${user} logs out: run sudo loginctl enable-linger ${user}`] : []),
  ];
  return [...rows.map(([name, text]) => `${name.padEnd(8)}${text}`), ...remedies.map((text) => `! ${text}`), ''].join('\n');
}

function describeTrouble(state: ServiceState, restart: string): string[] {
  switch (findTrouble(state)) {
    case 'failed':
      return [`It failed, and is not tried again: see errand service logs, then run ${restart}`];
    case 'restarting':
      return ['It does not stay up: the reason is told before each start, see errand service logs --lines 200'];
    case 'not-ready':
      return ['It has not reached the queue yet, and goes on trying: see errand service logs'];
    case 'stopped':
      return [`It is stopped, and no worker runs: run ${restart}`];
    case null:
      return [];
  }
}

function whatInstead({ manager }: ServiceState, user: string): string {
  return manager === 'none'
    ? 'errand service install says how to run the worker without one.'
    : `Log in as ${user} (over ssh, not by su), or run sudo loginctl enable-linger ${user}`;
}

function describeProcess({ active, since, mainPid, restarts }: ServiceState): string {
  const facts = [
    ...(since === null ? [] : [`since ${spellTime(since)}`]),
    ...(mainPid === null ? [] : [`process ${mainPid}`]),
    ...(restarts === null || restarts === 0 ? [] : [`started again by itself ${restarts === 1 ? 'once' : `${restarts} times`}`]),
  ];
  return [active, ...facts].join(', ');
}

function describeBeginning({ enabled, manager, scope, lingering }: ServiceState, user: string): string {
  if (!enabled) return 'by hand only';
  if (manager === 'launchd') return scope === 'system' ? 'with the machine' : `when ${user} logs in`;
  return manager === 'systemd-user' && lingering !== true ? `when ${user} logs in` : 'with the machine';
}

function describeManager({ manager, scope }: ServiceState): string {
  switch (manager) {
    case 'systemd-user':
      return 'systemd, of this user';
    case 'systemd-system':
      return 'systemd, of the machine';
    case 'launchd':
      return scope === 'system' ? 'launchd, of the machine' : 'launchd, of this user';
    case 'none':
      return 'no manager';
  }
}
