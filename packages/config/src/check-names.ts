import type { Finding } from '@errand/task';
import { isKnownAgent } from './agent-names.ts';
import { hintAtAgent } from './schema-pieces.ts';
import type { Shape } from './shapes.ts';

/** What is wrong with a name, or null. */
type NameCheck = (name: string) => Pick<Finding, 'code' | 'message' | 'hint'> | null;

/** A mapping whose keys are the writer's own names. `*` in the path stands for any of them. */
export interface NamedPlace {
  at: readonly string[];
  check: NameCheck;
}

/** Looks at the names in the written data, also of entries whose content the schema refuses. */
export function checkNames(value: unknown, places: readonly NamedPlace[]): Finding[] {
  return places.flatMap(({ at, check }) =>
    findMappings(value, at).flatMap(({ path, mapping }) =>
      Object.keys(mapping).flatMap((name): Finding[] => {
        const fault = check(name);
        return fault === null ? [] : [{ path: [...path, name], at: 'key', ...fault }];
      }),
    ),
  );
}

/** The name of an agent that some version of Errand can run. */
export const isAgent: NameCheck = (name) =>
  isKnownAgent(name)
    ? null
    : { code: 'unknown-agent', message: `there is no agent ${JSON.stringify(name.slice(0, 40))}`, hint: hintAtAgent(name) };

/** A name of one shape. */
export function hasShape({ code, pattern, expected, hint }: Shape): NameCheck {
  return (name) =>
    pattern.test(name) ? null : { code, message: `${JSON.stringify(name.slice(0, 40))} must be ${expected}`, hint };
}

function findMappings(
  value: unknown,
  at: readonly string[],
  path: readonly string[] = [],
): { path: readonly string[]; mapping: object }[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const [step, ...rest] = at;
  if (step === undefined) return [{ path, mapping: value }];
  return Object.entries(value)
    .filter(([key]) => step === '*' || step === key)
    .flatMap(([key, child]) => findMappings(child, rest, [...path, key]));
}
