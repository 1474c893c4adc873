import type { z } from 'zod';
import { nearestOf } from '../nearest.ts';
import { explanationAt, keysAt } from './schema-shape.ts';

/** One finding of a schema, still without a line and a column. */
export interface Finding {
  path: readonly PropertyKey[];
  /** Whether it stands at the key or at the value. */
  at: 'key' | 'value';
  code: string;
  message: string;
  hint?: string;
}

export interface IssueContext {
  schema: z.core.$ZodType;
  value: unknown;
  /** Keys of later versions, with dots between levels and `*` for any key: `repo`, `machines.*.cost`. */
  unsupportedKeys: readonly string[];
  /** True where the file says that it is for a newer version. */
  newer: boolean;
  /** What shows the keys there are, as a command. */
  page: string;
}

type Issue = z.core.$ZodIssue;

/** Zod's issue in this project's words: which key, what it must be, what it is, what to do. */
export function explainIssue(issue: Issue, context: IssueContext, prefix: readonly PropertyKey[] = []): Finding[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => explainKey([...path, key], context));
  if (issue.code === 'invalid_union') {
    const branch = branchOf(issue.errors);
    if (branch !== null) return branch.flatMap((inner) => explainIssue(inner, context, path));
  }
  if (issue.code === 'custom') return [explainCustom(issue, path, context)];
  return [explainValue(issue, path, context)];
}

/** The branch of a union that the value was meant for: one whose type fits, with the fewest issues. */
function branchOf(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const meant = branches.filter((issues) => !issues.some((issue) => issue.path.length === 0 && isTypeIssue(issue)));
  return meant.sort((a, b) => a.length - b.length)[0] ?? null;
}

function isTypeIssue(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function explainKey(path: readonly PropertyKey[], context: IssueContext): Finding {
  const name = nameOf(path);
  if (context.unsupportedKeys.some((pattern) => matches(pattern, path))) {
    const message = `\`${name}\` is not supported by this version`;
    return {
      path,
      at: 'key',
      code: 'unsupported-key',
      message,
      hint: `Delete the \`${name}\` line, or use a version that has it.`,
    };
  }
  if (context.newer) {
    const message = `\`${name}\` needs a newer errand`;
    return { path, at: 'key', code: 'newer-schema', message, hint: 'Update errand on this machine.' };
  }
  const near = nearestOf(String(path.at(-1)), keysAt(context.schema, path.slice(0, -1)));
  const hint = near === null ? `Delete it, or see ${context.page} for the keys there are.` : `Did you mean \`${near}\`?`;
  return { path, at: 'key', code: 'unknown-key', message: `\`${name}\` is not a known key`, hint };
}

function matches(pattern: string, path: readonly PropertyKey[]): boolean {
  const steps = pattern.split('.');
  return steps.length === path.length && steps.every((step, i) => step === '*' || step === String(path[i]));
}

function explainCustom(issue: Issue & { code: 'custom' }, path: readonly PropertyKey[], context: IssueContext): Finding {
  const explanation = explanationAt(context.schema, path);
  const { code, hint, at } = (issue.params ?? {}) as { code?: unknown; hint?: unknown; at?: unknown };
  const remedy = typeof hint === 'string' ? hint : explanation?.hint;
  return {
    path,
    at: at === 'key' ? 'key' : 'value',
    code: typeof code === 'string' ? code : (explanation?.code ?? 'bad-value'),
    message: issue.message,
    ...(remedy === undefined ? {} : { hint: remedy }),
  };
}

function explainValue(issue: Issue, path: readonly PropertyKey[], context: IssueContext): Finding {
  const value = valueAt(context.value, path);
  const explanation = explanationAt(context.schema, path);
  const name = path.length === 0 ? 'this' : `\`${nameOf(path)}\``;
  if (value === undefined) {
    const hint = `Add \`${nameOf(path)}:\`.${explanation?.hint === undefined ? '' : ` ${explanation.hint}`}`;
    return { path: path.slice(0, -1), at: 'key', code: 'missing-key', message: `${name} is missing`, hint };
  }
  if (value === null && path.length > 0) {
    const hint = 'Give it a value, or delete the line.';
    return { path, at: 'key', code: 'empty-value', message: `${name} has no value`, hint };
  }
  const expected = explanation?.expected ?? expectedBy(issue);
  const code = explanation?.code ?? (isTypeIssue(issue) || issue.code === 'invalid_union' ? 'bad-type' : 'bad-value');
  const message = `${name} must be ${expected}, but is ${show(value)}`;
  return { path, at: 'value', code, message, ...(explanation?.hint === undefined ? {} : { hint: explanation.hint }) };
}

function expectedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return EXPECTED_TYPES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.length === 1 ? show(issue.values[0]) : `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `at least ${issue.minimum} long`
        : `at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array' ? `at most ${issue.maximum} long` : `at most ${issue.maximum}`;
    default:
      return 'something else';
  }
}

const EXPECTED_TYPES: { [type: string]: string } = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
};

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as { [step: PropertyKey]: unknown })[step];
  }
  return value;
}

/** `policy.agents[0]` for people. */
function nameOf(path: readonly PropertyKey[]): string {
  let name = '';
  for (const step of path) name += typeof step === 'number' ? `[${step}]` : `${name === '' ? '' : '.'}${String(step)}`;
  return name;
}

/** A value in a message: short, on one line. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}
