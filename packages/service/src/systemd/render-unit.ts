import { join } from 'node:path';
import { fillTemplate } from '../fill-template.ts';
import { writeMarker } from '../marker.ts';
import type { EnvPair, ServicePlan } from '../plan/plan-service.ts';
import { quote, quoteArgument, unquote } from './escape.ts';

export const UNIT = 'errand.service';
/** What starts it. */
export const WANTED_BY = { user: 'default.target', system: 'multi-user.target' } as const;

const NETWORK = ['Wants=network-online.target', 'After=network-online.target'];

/**
 * Each of these makes systemd set NoNewPrivileges for a user's service, so `sudo`, and containers of a user's own, do not work
 * with them. They need no privilege to set up, and take nothing that a coding agent is known to need.
 */
const HARDENING = [
  '# What agents without `permissions: bypass` can do without. With `bypass` an installation leaves these lines out.',
  'NoNewPrivileges=yes',
  'RestrictRealtime=yes',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'SystemCallFilter=~@clock @cpu-emulation @module @obsolete @raw-io @reboot @swap',
  'SystemCallErrorNumber=EPERM',
];
const NOT_HARDENED = ['# `permissions: bypass`: agents may do what this user may, sudo included.'];

/** The text of the unit. Pure: the same plan gives the same text. */
export function renderUnit(template: string, plan: ServicePlan): string {
  const isSystem = plan.scope === 'system';
  return fillTemplate(template, {
    marker: writeMarker(plan.root),
    edit: isSystem ? `sudo systemctl edit ${UNIT}` : `systemctl --user edit ${UNIT}`,
    network: isSystem ? NETWORK : [],
    exec_start: `/bin/sh ${quoteArgument(join(plan.root, 'scripts', 'errand'))} worker`,
    user: isSystem ? [`User=${plan.user}`, 'WorkingDirectory=~'] : [],
    environment: plan.environment.map(([name, value]) => `Environment=${quote(`${name}=${value}`)}`),
    hardening: plan.hardened ? HARDENING : NOT_HARDENED,
    wanted_by: WANTED_BY[plan.scope],
  });
}

/** The environment that a rendered unit gives. */
export function readUnitEnvironment(text: string): EnvPair[] {
  return text.split('\n').flatMap((line): EnvPair[] => {
    const assignment = /^Environment=(.*)$/.exec(line)?.[1];
    const [, name, value] = /^(\w+)=(.*)$/.exec((assignment && unquote(assignment)) ?? '') ?? [];
    return name === undefined || value === undefined ? [] : [[name, value]];
  });
}
