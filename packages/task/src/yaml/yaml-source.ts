import type { z } from 'zod';
import type { Parsed, Problem } from '../problem.ts';
import { explainIssue, type Finding } from './explain-issue.ts';
import { readQuickYaml } from './quick-yaml.ts';
import { type Places, readNodes } from './read-nodes.ts';
import { type Fault, scanYaml } from './scan-yaml.ts';

/** The longest YAML text that is read, in characters. */
const MAX_YAML_CHARS = 256 * 1024;
/** A problem list for people, not a flood. */
const MAX_PROBLEMS = 100;

export interface YamlSource {
  /** Plain data; an empty map where the text has nothing but comments, null where it is not YAML. */
  value: unknown;
  /** What is wrong with the text as YAML. Where `broken`, the value is not worth checking. */
  problems: Problem[];
  broken: boolean;
  /** A problem at a key or a value, with its line and column; a path that is not there stands at what surrounds it. */
  problem(finding: Finding): Problem;
}

export interface ReadYamlOptions {
  /** The line of the file on which the text starts: 1 by default, 2 for front matter. */
  firstLine?: number;
  /** Keys of later versions, refused by name: dots between levels, `*` for any key, as in `machines.*.cost`. */
  unsupportedKeys?: readonly string[];
  /** The page that lists the keys there are: that of task files by default. */
  page?: string;
}

/** YAML 1.2 core without aliases, anchors, tags, merge keys or a second document: data and places, no schema yet. */
export function openYaml(path: string, text: string, options: { firstLine?: number } = {}): YamlSource {
  const firstLine = options.firstLine ?? 1;
  if (text.length > MAX_YAML_CHARS) {
    const problem = tooLong(path, firstLine);
    return { value: null, problems: [problem], broken: true, problem: () => problem };
  }
  const { document, faults, lines } = scanYaml(text);
  const read = readNodes(faults.length > 0 ? null : (document?.contents ?? null));
  const locate = (offset: number, what: Omit<Fault, 'offset'>): Problem => {
    const { line, col } = lines.linePos(offset);
    return { path, line: Math.max(line, 1) + firstLine - 1, column: Math.max(col, 1), ...pick(what) };
  };
  return {
    value: faults.length === 0 ? (read.value ?? {}) : null,
    problems: [...faults, ...read.faults].map(({ offset, ...what }) => locate(offset, what)),
    broken: faults.length > 0,
    problem: (finding) => locate(offsetOf(finding, read.places), finding),
  };
}

/** Checks opened YAML against a schema: its value, or every problem of both. Top-level `x-*` keys are left out. */
export function checkYaml<S extends z.ZodType>(
  source: YamlSource,
  schema: S,
  options: ReadYamlOptions = {},
): Parsed<z.output<S>> {
  if (source.broken) return { ok: false, problems: source.problems };
  const value = withoutFreeKeys(source.value);
  const checked = schema.safeParse(value);
  if (checked.success && source.problems.length === 0) return { ok: true, value: checked.data };
  const unsupportedKeys = options.unsupportedKeys ?? [];
  const context = { schema, value, unsupportedKeys, newer: isNewer(value), page: options.page ?? 'errand help files' };
  const findings = (checked.error?.issues ?? []).flatMap((issue) => explainIssue(issue, context));
  // What an alias or a tag made of a value is not worth a second problem.
  const news = findings.filter(
    (finding) => !source.problems.some((problem) => standTogether(problem, source.problem({ ...finding, at: 'value' }))),
  );
  const problems = [...source.problems, ...news.map((finding) => source.problem(finding))];
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) };
}

/** YAML text checked against a schema: its value, or every problem with line, column, code and remedy. Never throws. */
export function readYaml<S extends z.ZodType>(
  path: string,
  text: string,
  schema: S,
  options: ReadYamlOptions = {},
): Parsed<z.output<S>> {
  const quick = readQuickly(text, schema);
  return quick === null ? checkYaml(openYaml(path, text, options), schema, options) : { ok: true, value: quick.value };
}

/** The value of a plain and faultless text, read fast; null where only the full reader can tell. */
export function readQuickly<S extends z.ZodType>(text: string, schema: S): { value: z.output<S> } | null {
  const value = readQuickYaml(text);
  if (value === null) return null;
  const checked = schema.safeParse(withoutFreeKeys(value));
  return checked.success ? { value: checked.data } : null;
}

function tooLong(path: string, line: number): Problem {
  const message = `this is longer than ${MAX_YAML_CHARS / 1024} KiB`;
  return { path, line, column: 1, code: 'too-large', message, hint: 'Shorten it.' };
}

function pick({ code, message, hint }: Omit<Fault, 'offset'>): Pick<Problem, 'code' | 'message' | 'hint'> {
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

function standTogether(one: Problem, other: Problem): boolean {
  return one.line === other.line && one.column === other.column;
}

function offsetOf(finding: Finding, places: Places): number {
  return finding.at === 'key' ? places.key(finding.path) : places.value(finding.path);
}

function withoutFreeKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const keys = Object.keys(value);
  if (!keys.some((key) => key.startsWith('x-'))) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')));
}

function isNewer(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'schema' in value && Number(value.schema) > 1;
}
