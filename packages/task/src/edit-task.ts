import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, type Node, type Pair, parseDocument } from 'yaml';
import { describeUnclosed, splitFrontMatter } from './front-matter.ts';
import type { Parsed } from './problem.ts';
import { writeFlow, writeYaml } from './yaml/write-yaml.ts';
import { openYaml } from './yaml/yaml-source.ts';

/** New values of front matter keys; `undefined` takes the key out. */
export interface FrontMatterChanges {
  [key: string]: string | number | boolean | readonly string[] | undefined;
}

/**
 * A task file with other front matter. What is not changed stays byte for byte: comments, order, spacing, line ends, body.
 * Front matter is added where there is none. A file whose front matter is not YAML comes back as its problems; whether the
 * values are allowed is for `parseTask` to say.
 */
export function editTask(text: string, changes: FrontMatterChanges, path = 'the task'): Parsed<string> {
  const file = splitFrontMatter(text);
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  if (file.kind === 'unclosed') return { ok: false, problems: [describeUnclosed(path)] };
  if (file.kind === 'none') {
    const yaml = withLineEnd(writeYaml(changes), lineEnd);
    return { ok: true, value: yaml === '' ? text : `---${lineEnd}${yaml}---${lineEnd}${file.body}` };
  }
  const before = openYaml(path, file.yaml, { firstLine: 2 });
  if (before.problems.length > 0) return { ok: false, problems: before.problems };
  if (typeof before.value !== 'object' || before.value === null || Array.isArray(before.value)) {
    return refuse(path, 2, 'front-matter-not-a-map', 'the front matter is no map', 'Write one `key: value` per line.');
  }
  const wanted = wantedValues(before.value, changes);
  let yaml = file.yaml;
  for (const [key, value] of Object.entries(changes)) yaml = editKey(yaml, key, value, lineEnd);
  // A layout that cannot be edited in place, such as `{ a: 1 }`, is written anew.
  if (!isDeepStrictEqual(openYaml(path, yaml).value, wanted)) yaml = rewrite(file.yaml, changes, lineEnd);
  return { ok: true, value: `${file.head}${yaml}${file.fence}${file.body}` };
}

/** A task file with more text at the end of its prompt, after an empty line. */
export function appendToPrompt(text: string, addition: string): string {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const start = text === '' || text.endsWith('\n') ? text : `${text}${lineEnd}`;
  return `${start}${lineEnd}${withLineEnd(addition.trimEnd(), lineEnd)}${lineEnd}`;
}

function refuse(path: string, line: number, code: string, message: string, hint: string): Parsed<string> {
  return { ok: false, problems: [{ path, line, column: 1, code, message, hint }] };
}

function wantedValues(before: object, changes: FrontMatterChanges): { [key: string]: unknown } {
  const all = { ...before, ...changes };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Replaces, takes out or appends one key in block style. */
function editKey(yaml: string, key: string, value: FrontMatterChanges[string], lineEnd: string): string {
  const found = findPair(yaml, key);
  if (found === null) {
    if (value === undefined) return yaml;
    const start = yaml === '' || yaml.endsWith('\n') ? yaml : `${yaml}${lineEnd}`;
    return `${start}${withLineEnd(writeYaml({ [key]: value }), lineEnd)}`;
  }
  if (value === undefined) {
    const end = yaml.indexOf('\n', Math.max(found.valueEnd - 1, found.keyStart));
    return `${yaml.slice(0, found.keyStart)}${end < 0 ? '' : yaml.slice(end + 1)}`;
  }
  // A value over several lines ends after its last newline, which stays.
  const old = yaml.slice(found.colonEnd, found.valueEnd);
  const tail = /\s*$/.exec(old)?.[0] ?? '';
  return `${yaml.slice(0, found.colonEnd)} ${writeFlow(value)}${tail}${yaml.slice(found.valueEnd)}`;
}

interface FoundPair {
  keyStart: number;
  /** Just after the colon. */
  colonEnd: number;
  valueEnd: number;
}

function findPair(yaml: string, key: string): FoundPair | null {
  const { contents } = parseDocument(yaml, { keepSourceTokens: true });
  if (!isMap(contents)) return null;
  const pair = (contents.items as Pair<Node, Node | null>[]).find((item) => isScalar(item.key) && String(item.key.value) === key);
  const keyRange = pair?.key.range;
  if (pair === undefined || !keyRange) return null;
  const colonEnd = yaml.indexOf(':', keyRange[1]) + 1;
  return { keyStart: keyRange[0], colonEnd, valueEnd: Math.max(colonEnd, pair.value?.range?.[1] ?? colonEnd) };
}

function rewrite(yaml: string, changes: FrontMatterChanges, lineEnd: string): string {
  const document = parseDocument(yaml);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) document.delete(key);
    else document.set(key, document.createNode(value));
  }
  return withLineEnd(document.toString({ lineWidth: 0 }), lineEnd);
}

function withLineEnd(text: string, lineEnd: string): string {
  return text.replace(/\r?\n/g, lineEnd);
}
