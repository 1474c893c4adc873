import type { z } from 'zod';

/**
 * What is left of a file without the parts that the schema refuses, so that rules can look at the rest and every problem
 * is told at once; null where nothing is left. `broken` are the parts that were taken out.
 */
export function salvage<F>(schema: z.ZodType<F>, value: unknown): { file: F | null; broken: PropertyKey[][] } {
  const broken: PropertyKey[][] = [];
  let rest = value;
  for (;;) {
    const checked = schema.safeParse(rest);
    if (checked.success) return { file: checked.data, broken };
    const paths = checked.error.issues.flatMap((issue) => pathsToDrop(rest, issue));
    if (paths.some((path) => path.length === 0)) return { file: null, broken };
    broken.push(...paths);
    rest = withoutPaths(rest, paths);
  }
}

function pathsToDrop(value: unknown, issue: z.core.$ZodIssue): PropertyKey[][] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => [...issue.path, key]);
  const path = [...issue.path];
  // Nothing can be taken out of a missing key or of the middle of a list: what holds it goes.
  while (path.length > 0 && (typeof path.at(-1) === 'number' || !isPresent(value, path))) path.pop();
  return [path];
}

function isPresent(root: unknown, path: readonly PropertyKey[]): boolean {
  let here = root;
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return false;
    here = (here as { [step: PropertyKey]: unknown })[step];
  }
  return true;
}

/** A copy of the data without what stands at these paths. */
export function withoutPaths(root: unknown, paths: readonly (readonly PropertyKey[])[]): unknown {
  if (paths.length === 0) return root;
  const copy = structuredClone(root);
  for (const path of paths) {
    const last = path.at(-1);
    let here: unknown = copy;
    for (const step of path.slice(0, -1)) {
      here = typeof here === 'object' && here !== null ? (here as { [step: PropertyKey]: unknown })[step] : undefined;
    }
    if (typeof here === 'object' && here !== null && last !== undefined) Reflect.deleteProperty(here, last);
  }
  return copy;
}

/** True where one path is the other or leads to it. */
export function touches(a: readonly PropertyKey[], b: readonly PropertyKey[]): boolean {
  const length = Math.min(a.length, b.length);
  return a.slice(0, length).every((step, i) => step === b[i]);
}
