import { join } from 'node:path';
import { fillTemplate } from '../fill-template.ts';
import { writeMarker } from '../marker.ts';
import type { EnvPair, ServicePlan } from '../plan/plan-service.ts';

export const LABEL = 'dev.errand.worker';

/** Where launchd writes what the worker says. */
export function logPath({ scope, home }: Pick<ServicePlan, 'scope' | 'home'>): string {
  return scope === 'system' ? '/Library/Logs/errand.log' : join(home, 'Library', 'Logs', 'errand.log');
}

/** The text of the property list. Pure: the same plan gives the same text. */
export function renderPlist(template: string, plan: ServicePlan): string {
  return fillTemplate(template, {
    // Two hyphens may not stand in a comment.
    marker: escapeXml(writeMarker(plan.root)).replaceAll('--', '- -'),
    label: LABEL,
    program: escapeXml(join(plan.root, 'scripts', 'errand')),
    user: plan.scope === 'system' ? ['\t<key>UserName</key>', `\t<string>${escapeXml(plan.user)}</string>`] : [],
    environment: plan.environment.flatMap(([name, value]) => [
      `\t\t<key>${escapeXml(name)}</key>`,
      `\t\t<string>${escapeXml(value)}</string>`,
    ]),
    home: escapeXml(plan.home),
    // launchd kills what has not stopped by then, and cannot be asked for more.
    stop_s: String(Math.ceil(plan.stopMs / 1000) + 10),
    log: escapeXml(logPath(plan)),
  });
}

/** The environment that a rendered property list gives. */
export function readPlistEnvironment(text: string): EnvPair[] {
  const dict = /<key>EnvironmentVariables<\/key>\s*<dict>(.*?)<\/dict>/s.exec(text)?.[1] ?? '';
  return [...dict.matchAll(/<key>([^<]*)<\/key>\s*<string>([^<]*)<\/string>/g)].map(
    ([, name = '', value = '']): EnvPair => [unescapeXml(name), unescapeXml(value)],
  );
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function unescapeXml(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
