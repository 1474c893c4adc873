import { parseDuration } from '@errand/task';
import type { QueueConfig } from './queue-config.ts';
import { QUEUE_DEFAULTS as DEFAULT } from './queue-defaults.ts';
import type { QueueFile } from './queue-schema.ts';

/** Fills in every default. */
export function resolveQueue(file: QueueFile): QueueConfig {
  const defaults = { ...DEFAULT.defaults, ...file.defaults };
  const tidy = file.tidy ?? DEFAULT.tidy;
  return {
    machines: Object.fromEntries(
      Object.entries(file.machines ?? {}).map(([name, machine]) => [
        name,
        { ...machine, capabilities: [...new Set(machine.capabilities ?? [])], worker: machine.worker ?? DEFAULT.machine.worker },
      ]),
    ),
    repos: file.repos ?? {},
    routing: file.routing ?? {},
    tiers: file.tiers ?? {},
    defaults: {
      timeoutMs: readDuration(defaults.timeout),
      retries: defaults.retries,
      model: defaults.model,
      agent: defaults.agent,
      priority: defaults.priority,
    },
    tidy: tidy === 'never' ? tidy : readDuration(tidy),
    pushes: file.pushes === 'none' ? null : (file.pushes ?? 'by-host'),
  };
}

/** What a queue without a file of its own says. */
export function emptyQueueConfig(): QueueConfig {
  return resolveQueue({});
}

function readDuration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new Error(`unchecked duration: ${text}`);
  return ms;
}
