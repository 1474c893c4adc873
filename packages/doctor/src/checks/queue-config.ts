import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';

/** Is the file that all machines share valid. */
export const queueConfig: Check = {
  name: 'queue-config',
  limitMs: 60_000,
  look: async (context) => {
    const look = await context.view();
    if (!look?.ok || look.view.tip === null) return [];
    if (look.view.config === null) {
      const why = 'no machine is described in it; the defaults hold';
      return [{ state: 'ok', what: `the queue has no config/errand.yaml: ${why}` }];
    }
    const found = look.queue.configProblems.map(
      ({ path, line, column, code, message, hint }): Found => ({
        state: 'warning',
        what: `${path}:${line}:${column} of the queue: ${message} (${code})`,
        why: 'every machine goes on with the last valid one',
        ...(hint !== undefined && { remedy: hint }),
      }),
    );
    return found.length > 0 ? found : ok('config/errand.yaml of the queue is valid');
  },
};
