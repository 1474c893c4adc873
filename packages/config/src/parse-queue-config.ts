import { checkFile, type FileKind } from './check-file.ts';
import { machineFileSchema } from './machine-schema.ts';
import type { ParsedConfig } from './parse-machine-config.ts';
import type { QueueConfig } from './queue-config.ts';
import { QUEUE_ERRORS, QUEUE_NAMES, QUEUE_WARNINGS } from './queue-rules.ts';
import { type QueueFile, queueFileSchema } from './queue-schema.ts';
import { resolveQueue } from './resolve-queue.ts';
import { listSchemaKeys } from './schema-keys.ts';

/** Whatever a machine's own file may say and the queue's may not at the same place; above all what is allowed. */
const MACHINE_KEYS: ReadonlySet<string> = new Set(listSchemaKeys(machineFileSchema).map(({ at }) => at.at(-1) ?? ''));

const QUEUE_FILE: FileKind<QueueFile, null> = {
  schema: queueFileSchema,
  unsupportedKeys: ['notify'],
  foreignKeys: MACHINE_KEYS,
  explainForeignKey: (path) => ({
    path,
    at: 'key',
    code: 'belongs-in-machine-file',
    message: `\`${path.map(String).join('.')}\` cannot be set in the queue's shared file`,
    hint: "Whoever pushes to the queue must not decide this: move it to the machine's own file, ~/.config/errand/config.yaml.",
  }),
  names: QUEUE_NAMES,
  errors: QUEUE_ERRORS,
  warnings: QUEUE_WARNINGS,
};

/** Reads the text of the queue's shared file. */
export function parseQueueConfig(path: string, text: string): ParsedConfig<QueueConfig> {
  const checked = checkFile(QUEUE_FILE, path, text, null);
  const { warnings } = checked;
  if (!checked.ok) return { ok: false, problems: checked.problems, warnings };
  return { ok: true, value: resolveQueue(checked.file), warnings };
}
