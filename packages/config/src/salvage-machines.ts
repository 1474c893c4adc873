import { isMap, parseDocument, stringify } from 'yaml';
import { parseQueueConfig } from './parse-queue-config.ts';
import type { ListedMachine } from './queue-config.ts';

/**
 * The machines of a queue's file that is not valid as a whole, each only where its own entry is: who has to mend the file, perhaps over
 * there, must still get there. None where the text is no YAML, since then nobody knows what was meant.
 */
export function salvageMachines(text: string): { [name: string]: ListedMachine } {
  const document = parseDocument(text);
  const machines = document.errors.length > 0 ? null : document.get('machines');
  if (!isMap(machines)) return {};
  const entries = Object.entries(machines.toJS(document) as { [name: string]: unknown });
  return Object.fromEntries(
    entries.flatMap(([name, entry]) => {
      const parsed = parseQueueConfig('config/errand.yaml', stringify({ machines: { [name]: entry } }));
      return parsed.ok ? Object.entries(parsed.value.machines) : [];
    }),
  );
}
