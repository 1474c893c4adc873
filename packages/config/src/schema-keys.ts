import { z } from 'zod';

/** A key of a schema: its way down (with `<name>` for any name), what it means, and its default where it has one. */
export interface SchemaKey {
  at: readonly string[];
  description: string;
  default?: unknown;
}

const ANY_NAME = '<name>';

/** Every key of a schema, parents before their children, in the order in which the schema names them. */
export function listSchemaKeys(schema: z.ZodType, above: readonly string[] = []): SchemaKey[] {
  return childrenOf(schema).flatMap(([name, child]) => {
    const at = [...above, name];
    const meta = child.meta();
    const key: SchemaKey = { at, description: meta?.description ?? '' };
    if (meta?.default !== undefined) key.default = meta.default;
    // A name of the writer's own is no key of the format.
    return [...(name === ANY_NAME ? [] : [key]), ...listSchemaKeys(child, at)];
  });
}

function childrenOf(schema: z.ZodType): [string, z.ZodType][] {
  if (schema instanceof z.ZodExactOptional) return childrenOf(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodObject) return Object.entries(schema.shape as { [name: string]: z.ZodType });
  if (schema instanceof z.ZodRecord) return [[ANY_NAME, schema.valueType as z.ZodType]];
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => childrenOf(option as z.ZodType));
  return [];
}
