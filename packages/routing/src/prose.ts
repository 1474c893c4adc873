/** A text taken apart into what its writer says and what was pasted into it. */
export interface Prose {
  /** Lines in the writer's own words. */
  lines: string[];
  /** How many lines were code, logs or quotes. */
  pastedLines: number;
}

/** A line that a program wrote: a quote, a diff hunk, a stack frame, or something that starts with a time or a level. */
const PASTED =
  /^(?:(?: {4}|\t)\s*(?![-*+\s]|\d+[.)])|>|@@|[+-]{3} |\s+at \S|Traceback|npm ERR!|\$ |\[?\d{4}-\d\d-\d\d[T ]|\[?\d\d:\d\d:\d\d|[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d|\[?(?:ERROR|WARN|WARNING|INFO|DEBUG|FATAL|TRACE)\b)/;

/** A first line is never taken for a paste, so that a task that is only a command still says something. */
export function splitProse(text: string): Prose {
  const lines: string[] = [];
  let pastedLines = 0;
  let fence: string | null = null;
  for (const line of text.split(/\r?\n/)) {
    const mark = /^ {0,3}(`{3}|~{3})/.exec(line)?.[1] ?? null;
    if (fence !== null) {
      if (mark === fence) fence = null;
      else pastedLines += 1;
    } else if (mark !== null) {
      fence = mark;
    } else if (lines.length > 0 && PASTED.test(line)) {
      pastedLines += 1;
    } else if (line.trim() !== '') {
      lines.push(line);
    }
  }
  return { lines, pastedLines };
}
