import type { Problem } from '@errand/task';
import { plainText } from './plain-text.ts';
import { oneLine } from './table.ts';

/** Whose turn it is when something did not work; each kind has its exit code. */
export type FailureKind = 'task' | 'usage' | 'configuration' | 'environment' | 'internal';

/** Something that a person should hear of: what happened and why, and in the hint what to do next. */
export interface Failure {
  kind: FailureKind;
  /** Stable, kebab-case. */
  code: string;
  message: string;
  hint?: string;
  /** Places in files, where that is what is wrong. */
  problems?: readonly Problem[];
}

export const EXIT_CODES: { readonly [kind in FailureKind]: number } = {
  task: 1,
  usage: 2,
  configuration: 3,
  environment: 4,
  internal: 70,
};

export function fail(kind: FailureKind, code: string, message: string, hint?: string): { ok: false; failure: Failure } {
  return { ok: false, failure: { kind, code, message, ...(hint !== undefined && { hint }) } };
}

/** The problems of a file as one failure. */
export function failByProblems(kind: FailureKind, problems: readonly Problem[]): { ok: false; failure: Failure } {
  const [first] = problems;
  const { code, message, hint } = first ?? { code: 'invalid', message: 'it is not valid', hint: undefined };
  return { ok: false, failure: { kind, code, message, problems, ...(hint !== undefined && { hint }) } };
}

/** A failure for people. What it quotes of others, a name or what a server said, does not steer the terminal. */
export function describeFailure({ message, hint, problems = [] }: Failure): string {
  if (problems.length > 0) return problems.map(describeProblem).join('');
  return plainText(`errand: ${message}\n${describeHint(hint)}`);
}

/** `file:line:column: code: what is wrong`, and below it what to do. It quotes the file, which others may have written. */
export function describeProblem({ path, line, column, code, message, hint }: Problem): string {
  return plainText(`${oneLine(path)}:${line}:${column}: ${code}: ${oneLine(message)}\n${describeHint(hint)}`);
}

function describeHint(hint: string | undefined): string {
  return hint === undefined ? '' : `  ${hint}\n`;
}

/** A failure for programs; `problems` is there when there is more than one. */
export function failureJson({ code, message, hint, problems = [] }: Failure): object {
  const [first, ...more] = problems;
  const place = { file: first?.path ?? null, line: first?.line ?? null, column: first?.column ?? null };
  return { schema: 1, error: { code, message, ...place, hint: hint ?? null }, ...(more.length > 0 && { problems }) };
}
