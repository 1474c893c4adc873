import { z } from 'zod';

/** What a problem at a value is called and how it is told. */
export interface Explanation {
  /** Stable, kebab-case. */
  code: string;
  /** Completes "`key` must be …". */
  expected?: string;
  /** The remedy, a sentence. */
  hint?: string;
}

const explanations = z.registry<Explanation>();

/** Gives every problem in this value a code, an expectation and a hint of its own; returns the same schema. */
export function explain<S extends z.core.$ZodType>(schema: S, explanation: Explanation): S {
  explanations.add(schema, explanation);
  return schema;
}

/** The most specific explanation on the way from the root to the path. */
export function explanationAt(root: z.core.$ZodType, path: readonly PropertyKey[]): Explanation | undefined {
  let found: Explanation | undefined;
  let here = peel([root]);
  for (let depth = 0; ; depth += 1) {
    for (const schema of here) found = explanations.get(schema) ?? found;
    const step = path[depth];
    if (depth >= path.length || step === undefined) return found;
    // What explains a map says nothing of its values; what explains a list or a choice speaks for its items.
    if (typeof step === 'string') found = undefined;
    here = peel(here.flatMap((schema) => childrenAt(schema, step)));
  }
}

/** The keys that an object at the path may have. */
export function keysAt(root: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  let here = peel([root]);
  for (const step of path) here = peel(here.flatMap((schema) => childrenAt(schema, step)));
  return here.flatMap((schema) => {
    const def = (schema as z.core.$ZodTypes)._zod.def;
    return def.type === 'object' ? Object.keys(def.shape) : [];
  });
}

/** The schemas with everything that they wrap, outermost first. */
function peel(schemas: readonly z.core.$ZodType[]): z.core.$ZodType[] {
  const peeled: z.core.$ZodType[] = [];
  for (const schema of schemas) {
    peeled.push(schema, ...peel(wrappedBy(schema)));
  }
  return peeled;
}

function wrappedBy(schema: z.core.$ZodType): z.core.$ZodType[] {
  const def = (schema as z.core.$ZodTypes)._zod.def;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return [def.innerType];
    case 'pipe':
      return [def.in, def.out];
    case 'union':
      return [...def.options];
    case 'intersection':
      return [def.left, def.right];
    default:
      return [];
  }
}

function childrenAt(schema: z.core.$ZodType, step: PropertyKey): z.core.$ZodType[] {
  const def = (schema as z.core.$ZodTypes)._zod.def;
  switch (def.type) {
    case 'object': {
      const child = typeof step === 'string' && Object.hasOwn(def.shape, step) ? def.shape[step] : def.catchall;
      return child === undefined ? [] : [child];
    }
    case 'record':
      return [def.valueType];
    case 'array':
      return [def.element];
    case 'tuple': {
      const item = typeof step === 'number' ? (def.items[step] ?? def.rest) : null;
      return item ? [item] : [];
    }
    default:
      return [];
  }
}
