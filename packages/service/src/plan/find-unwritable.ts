import { type Done, refuse } from '../service-state.ts';
import type { ServicePlan } from './plan-service.ts';

/** A service file is made of lines: what has a line break or another control character in it cannot stand there. */
export function findUnwritable(plan: ServicePlan): Done {
  const values = [['the checkout', plan.root], ['the home', plan.home], ['the user', plan.user], ...plan.environment];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  const bad = values.find(([, value]) => /[\x00-\x1f\x7f]/.test(value ?? ''));
  if (bad === undefined) return { ok: true };
  const [what, value] = bad;
  return refuse(
    'unwritable-value',
    `${what} has a control character in it (${JSON.stringify(value)}), which a service file cannot hold`,
    'Move or rename it, or unset the variable, and install again.',
  );
}
