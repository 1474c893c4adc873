import { checkYaml, type Finding, openYaml, type Problem, type YamlSource } from '@errand/task';
import type { z } from 'zod';

/** A named rule: something that the schema cannot say, looked for in a file. */
export type Rule<F, C> = (file: F, context: C) => RuleFinding[];

/** `about`: the keys that the finding rests on. Where the schema refuses one of them, nothing follows from what is left. */
export interface RuleFinding extends Finding {
  about?: readonly (readonly PropertyKey[])[];
}

/** How one kind of file is checked. Errors stop the file from being used, warnings do not. */
export interface FileKind<F, C> {
  schema: z.ZodType<F>;
  /** Keys of later versions, as `checkYaml` takes them. */
  unsupportedKeys: readonly string[];
  /** Keys that belong elsewhere, and what to say about them. */
  foreignKeys: ReadonlySet<string>;
  explainForeignKey(path: readonly PropertyKey[]): Finding;
  errors: readonly Rule<F, C>[];
  warnings: readonly Rule<F, C>[];
}

/** A file's data, or every problem in it; and, either way, what is worth knowing. `source` finds the places of later findings. */
export type Checked<F> = { source: YamlSource; warnings: Problem[] } & (
  | { ok: true; file: F }
  | { ok: false; problems: Problem[] }
);

/** Written text to checked data. An empty text, or one of comments alone, is a file that says nothing. */
export function checkFile<F, C>(kind: FileKind<F, C>, path: string, text: string, context: C): Checked<F> {
  const source = openYaml(path, text);
  if (source.broken) return { ok: false, problems: source.problems, warnings: [], source };
  const foreign = findForeignKeys(kind, source.value ?? {});
  const value = withoutPaths(source.value ?? {}, foreign);
  const written = checkYaml({ ...source, value }, kind.schema, { unsupportedKeys: kind.unsupportedKeys });

  const { file, broken } = salvage(kind.schema, value);
  const apply = (rules: readonly Rule<F, C>[]): Finding[] => {
    const found = file === null ? [] : rules.flatMap((rule) => rule(file, context));
    return found.filter(({ about = [] }) => !about.some((key) => broken.some((gone) => touches(key, gone))));
  };
  const errors = [...foreign.map((path) => kind.explainForeignKey(path)), ...apply(kind.errors)];
  const warnings = inOrder(apply(kind.warnings).map((finding) => source.problem(finding)));

  if (written.ok && errors.length === 0) return { ok: true, file: written.value, warnings, source };
  const problems = [...(written.ok ? [] : written.problems), ...errors.map((finding) => source.problem(finding))];
  return { ok: false, problems: inOrder(problems), warnings, source };
}

function findForeignKeys<F, C>(kind: FileKind<F, C>, value: unknown): PropertyKey[][] {
  const issues = kind.schema.safeParse(value).error?.issues ?? [];
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.filter((key) => kind.foreignKeys.has(key)).map((key) => [...issue.path, key])
      : [],
  );
}

/**
 * What is left of a file without the parts that the schema refuses, so that rules can look at the rest and every problem
 * is told at once; null where nothing is left. `broken` are the parts that were taken out.
 */
function salvage<F>(schema: z.ZodType<F>, value: unknown): { file: F | null; broken: PropertyKey[][] } {
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

function withoutPaths(root: unknown, paths: readonly (readonly PropertyKey[])[]): unknown {
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
function touches(a: readonly PropertyKey[], b: readonly PropertyKey[]): boolean {
  const length = Math.min(a.length, b.length);
  return a.slice(0, length).every((step, i) => step === b[i]);
}

function inOrder(problems: Problem[]): Problem[] {
  return problems.sort((a, b) => a.line - b.line || a.column - b.column);
}
