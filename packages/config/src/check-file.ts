import { checkYaml, type Finding, openYaml, type Problem, type YamlSource } from '@errand/task';
import type { z } from 'zod';
import { checkNames, type NamedPlace } from './check-names.ts';
import { salvage, touches, withoutPaths } from './salvage.ts';

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
  /** Where names of the writer's own stand, and what they must look like. */
  names: readonly NamedPlace[];
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
  const written = checkYaml({ ...source, value }, kind.schema, {
    unsupportedKeys: kind.unsupportedKeys,
    page: 'errand help configuration',
  });

  const { file, broken } = salvage(kind.schema, value);
  const apply = (rules: readonly Rule<F, C>[]): Finding[] => {
    const found = file === null ? [] : rules.flatMap((rule) => rule(file, context));
    return found.filter(({ about = [] }) => !about.some((key) => broken.some((gone) => touches(key, gone))));
  };
  const errors = [
    ...foreign.map((path) => kind.explainForeignKey(path)),
    ...checkNames(value, kind.names),
    ...apply(kind.errors),
  ];
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

function inOrder(problems: Problem[]): Problem[] {
  return problems.sort((a, b) => a.line - b.line || a.column - b.column);
}
