import { z } from 'zod';
import { frontMatterSchema } from './front-matter-schema.ts';
import { resultHeadSchema } from './result-schema.ts';

/** The JSON Schemas of the front matter of tasks and results, by file name: text as it is committed in `config/schema`. */
export function jsonSchemas(): { [fileName: string]: string } {
  return {
    'task.schema.json': toText(frontMatterSchema, 'Front matter of an Errand task (tasks/<id>.md)', {
      patternProperties: { '^x-': {} },
    }),
    'result.schema.json': toText(resultHeadSchema, 'Front matter of an Errand result (results/<day>/<id>.md)', {}),
  };
}

function toText(schema: z.ZodType, title: string, more: object): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return `${JSON.stringify({ $schema, title, ...rest, ...more }, null, 2)}\n`;
}
