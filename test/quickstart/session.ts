/** One command of a recorded terminal session, and the lines that it showed. */
export interface Step {
  /** Whose prompt it is: `laptop` or `pi`. */
  on: string;
  command: string;
  shown: string[];
}

/** What only a first installation says, and the states that whoever waits happens to see. */
const UNSTEADY = /^errand: (?:installing|building) …$|^added \d+ packages in |^\d\d:\d\d:\d\d (?:queued|running): /;
const PROMPT = /^(laptop|pi)\$ (.*)$/;

/** The session in a page's only block of ```console: commands after a prompt, their further lines after `> `, then what they showed. */
export function readSession(page: string): Step[] {
  const block = /^```console\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '';
  const steps: Step[] = [];
  for (const line of block.trimEnd().split('\n')) {
    const [, on, command] = PROMPT.exec(line) ?? [];
    const last = steps.at(-1);
    if (on !== undefined && command !== undefined) steps.push({ on, command, shown: [] });
    else if (last === undefined) continue;
    else if (line.startsWith('> ') && last.shown.length === 0) last.command += `\n${line.slice(2)}`;
    else last.shown.push(line);
  }
  return steps.map((step) => ({ ...step, shown: trimEmpty(step.shown) }));
}

/** The same text that `readSession` reads. */
export function writeSession(steps: readonly Step[]): string {
  const lines = steps.flatMap(({ on, command, shown }) => [
    `${on}$ ${command.replaceAll('\n', '\n> ')}`,
    ...trimEmpty(shown),
    '',
  ]);
  return `\`\`\`console\n${lines.join('\n').trimEnd()}\n\`\`\``;
}

/** What is told as it is every time: without the times, ids and hashes of one play. */
export function steadyLines(shown: readonly string[]): string[] {
  return trimEmpty(shown.filter((line) => !UNSTEADY.test(line))).map((line) =>
    line
      .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: UTC|Z)?/g, '<time>')
      .replaceAll(/\d{4}-\d\d-\d\d/g, '<day>')
      .replaceAll(/\b\d\d:\d\d(?::\d\d)?\b/g, '<time>')
      .replaceAll(/\b(uname-sr)-[a-z0-9]{4}\b/g, '$1-<suffix>')
      .replaceAll(/\b[0-9a-f]{7,40}\b/g, '<hash>')
      .replaceAll(/<?\b(?:\d+ (?:h|min|m|s|ms)|\d+(?:\.\d+)?(?:h|m|s|ms))\b/g, '<span>')
      .replaceAll(/(?:<span> ?)+/g, '<span> ')
      .replaceAll(/Linux \S+/g, 'Linux <release>')
      .replaceAll(/ {2,}/g, '  ')
      .trimEnd(),
  );
}

function trimEmpty(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => line !== '');
  const last = lines.findLastIndex((line) => line !== '');
  return first < 0 ? [] : lines.slice(first, last + 1);
}
