import { z } from 'zod';
import { machineFileSchema } from './machine-schema.ts';
import { queueFileSchema } from './queue-schema.ts';

/** JSON Schema (draft 2020-12) of the machine's own file, for editors: `config/schema/machine.schema.json`. */
export function machineJsonSchema(): object {
  return withFreeKeys(z.toJSONSchema(machineFileSchema, { io: 'input' }));
}

/** JSON Schema (draft 2020-12) of the queue's shared file, for editors: `config/schema/queue.schema.json`. */
export function queueJsonSchema(): object {
  return withFreeKeys(z.toJSONSchema(queueFileSchema, { io: 'input' }));
}

/** Top-level `x-*` keys are everybody's own. */
function withFreeKeys(schema: object): object {
  return { ...schema, patternProperties: { '^x-': {} } };
}
