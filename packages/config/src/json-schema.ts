import { z } from 'zod';
import { machineFileSchema } from './machine-schema.ts';
import { queueFileSchema } from './queue-schema.ts';

/** The JSON Schemas of both files, for editors, by file name: text as it is committed in `config/schema`. */
export function configJsonSchemas(): { [fileName: string]: string } {
  return {
    'machine.schema.json': toText(machineFileSchema, "A machine's own Errand configuration (~/.config/errand/config.yaml)"),
    'queue.schema.json': toText(queueFileSchema, "A queue's shared Errand configuration (config/errand.yaml)"),
  };
}

/** Top-level `x-*` keys are everybody's own. */
function toText(schema: z.ZodType, title: string): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return `${JSON.stringify({ $schema, title, ...rest, patternProperties: { '^x-': {} } }, null, 2)}\n`;
}
