import type { Problem } from '@errand/task';
import type { Check, CheckContext } from '../check.ts';
import type { Found } from '../finding.ts';

/** Is this machine's own file valid, and does it name a queue. */
export const config: Check = { name: 'config', limitMs: 5_000, look: async (context) => judgeConfig(context) };

/** Told by another check, which knows more. */
const TOLD_ELSEWHERE = new Set(['secret-readable-by-all', 'bypass-as-root']);

export function judgeConfig({ config, machine }: Pick<CheckContext, 'config' | 'machine'>): Found[] {
  const warnings = config.warnings.filter(({ code }) => !TOLD_ELSEWHERE.has(code)).map((one) => tell('warning', one));
  if (!config.ok) return [...config.problems.map((one) => tell('fault', one)), ...warnings];
  const found: Found[] = [];
  if (machine === null || machine.queue === null) {
    found.push({
      state: 'fault',
      what: 'this machine is connected to no queue',
      remedy: 'Connect it:',
      command: 'errand join REMOTE',
    });
  } else if (warnings.length === 0) {
    found.push({ state: 'ok', what: machine.path === null ? 'no file, and a queue that is named' : `${machine.path} is valid` });
  }
  if (machine?.queue && machine.policy.agents.length === 0) {
    found.push({
      state: 'note',
      what: 'tasks may use no agent here, so a worker of this machine runs none',
      remedy: `Where that is not meant, name agents under policy.agents in ${machine.path ?? 'its configuration'}.`,
    });
  }
  return [...found, ...warnings];
}

function tell(state: 'fault' | 'warning', { path, line, column, code, message, hint }: Problem): Found {
  const why = state === 'fault' ? 'with an error in this file no command and no worker runs' : null;
  const place = path.startsWith('-') || path.startsWith('ERRAND_') ? path : `${path}:${line}:${column}`;
  return {
    state,
    what: `${place}: ${message} (${code})`,
    ...(why !== null && { why }),
    ...(hint !== undefined && { remedy: hint }),
  };
}
