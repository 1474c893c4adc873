import type { FileLines } from './count-lines.ts';
import type { Room } from './rooms.ts';

/** What the simulation must run of each room, in percent of its lines. */
export const LEAST_PERCENT = 85;

const FILE_WIDTH = 46;

/** How much ran. */
export interface CoverageTable {
  /** The rooms and their files, with the lines that never ran. */
  text: string;
  /** The names of the rooms of which not enough ran. */
  short: string[];
}

export function renderCoverage(rooms: readonly Room[], counted: readonly FileLines[]): CoverageTable {
  const text: string[] = [];
  const short: string[] = [];
  for (const { name, files } of rooms) {
    const within = counted.filter(({ file }) => files.includes(file));
    text.push(row(name.toUpperCase(), within));
    if (percent(within) < LEAST_PERCENT) short.push(name);
    for (const lines of [...within].sort((a, b) => percent([a]) - percent([b])))
      text.push(row(`  ${lines.file.replace(/^packages\/\w+\/src\//, '')}`, [lines], renderRanges(lines.missed)));
  }
  text.push(row('ALL', counted));
  return { text: text.join('\n'), short };
}

function row(name: string, lines: readonly FileLines[], more = ''): string {
  const total = sum(lines, ({ total }) => total);
  const ran = total - sum(lines, ({ missed }) => missed.length);
  // Cut, not rounded: what is short of a bound must not look like it.
  const share = (Math.floor(percent(lines) * 10) / 10).toFixed(1);
  return `${name.padEnd(FILE_WIDTH)}${share.padStart(6)} %  ${`${ran} of ${total}`.padStart(14)}  ${more}`.trimEnd();
}

function percent(lines: readonly FileLines[]): number {
  const total = sum(lines, ({ total }) => total);
  return total === 0 ? 100 : (100 * (total - sum(lines, ({ missed }) => missed.length))) / total;
}

const sum = (lines: readonly FileLines[], of: (one: FileLines) => number): number => lines.reduce((all, one) => all + of(one), 0);

/** `3, 7-9`: neighbours among the lines that are missed are told as one. */
function renderRanges(lines: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const line of lines) {
    const last = ranges.at(-1);
    if (last && line === last[1] + 1) last[1] = line;
    else ranges.push([line, line]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}
