import { splitFrontMatter } from './front-matter.ts';
import { taskIdOfResultPath } from './paths.ts';
import type { Parsed } from './problem.ts';
import type { Result } from './result.ts';
import { resultHeadSchema } from './result-schema.ts';
import { writeYaml } from './yaml/write-yaml.ts';
import { readYaml } from './yaml/yaml-source.ts';

/** What stands in a result file in place of an empty answer. */
export const NO_OUTPUT = '(no output)';

const MARKER = '<!-- errand:task -->';
/** In the answer, a line that looks like the marker gets a backslash, and one that has some gets one more. */
const MARKER_IN_ANSWER = /^<!-- (\\*)errand:task -->(?=\r?$)/gm;
const ESCAPED_IN_ANSWER = /^<!-- \\(\\*)errand:task -->(?=\r?$)/gm;
const MARKER_LINE = /^<!-- errand:task -->(?:\r?\n(?:## Task(?:\r?\n|$))?|$)/m;

/** The front matter of a result: all of it but the two texts. */
export type ResultHead = Omit<Result, 'answer' | 'taskText'>;

/**
 * A result file: front matter, answer, marker, and the task file as it was, which reaches to the end of the file unchanged:
 * whatever it contains, and whether or not a newline ends it, `parseResult` gives it back byte for byte.
 */
export function renderResult(result: Result): string {
  const { answer, taskText, schema, id, state, task, nonce, finished_at, attempts, ...rest } = result;
  const head = writeYaml({ schema, id, state, task, nonce, finished_at, ...rest, attempts });
  // Git takes a file with a NUL for binary and would not show it.
  const shown = answer.trim() === '' ? NO_OUTPUT : answer.replaceAll('\0', '\u2400');
  const escaped = shown.replace(MARKER_IN_ANSWER, '<!-- \\$1errand:task -->');
  return `---\n${head}---\n${escaped}\n\n${MARKER}\n## Task\n${taskText}`;
}

/** Reads a result file, also one that a person has edited. Without the marker, its task text is empty. */
export function parseResult(path: string, text: string): Parsed<Result> {
  const head = readResultHead(path, text);
  if (!head.ok) return head;
  const file = splitFrontMatter(text);
  const body = file.kind === 'unclosed' ? '' : file.body;
  const marker = MARKER_LINE.exec(body);
  const answer = marker === null ? body.trimEnd() : withoutGap(body.slice(0, marker.index));
  return {
    ok: true,
    value: {
      ...head.value,
      answer: answer.replace(ESCAPED_IN_ANSWER, '<!-- $1errand:task -->'),
      taskText: marker === null ? '' : body.slice(marker.index + marker[0].length),
    },
  };
}

/** Reads the front matter of a result file and looks at nothing else. */
export function readResultHead(path: string, text: string): Parsed<ResultHead> {
  const file = splitFrontMatter(text);
  if (file.kind !== 'closed') {
    const message = 'this result has no front matter';
    const hint = 'Restore the file from its history, or remove it to run the task again.';
    return { ok: false, problems: [{ path, line: 1, column: 1, code: 'result-without-front-matter', message, hint }] };
  }
  const head = readYaml(path, file.yaml, resultHeadSchema, { firstLine: 2 });
  if (!head.ok) return head;
  return { ok: true, value: { ...head.value, id: head.value.id ?? taskIdOfResultPath(path) ?? '' } };
}

/** The answer without the empty line that parts it from the marker. */
function withoutGap(text: string): string {
  return text.endsWith('\n\n') ? text.slice(0, -2) : text.trimEnd();
}
