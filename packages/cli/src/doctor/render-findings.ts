import type { Finding, FindingState } from '@errand/doctor';
import { oneLine, painter } from '../table.ts';
import { wrapText } from '../wrap-text.ts';

const STYLES = { ok: 'green', note: 'cyan', warning: 'yellow', fault: 'red' } as const;
const WORST_FIRST: readonly FindingState[] = ['fault', 'warning', 'note'];

export interface FindingsStyle {
  colour: boolean;
  columns: number;
  /** A line for everything that is in order, instead of their names alone. */
  verbose: boolean;
  /** It was to repair what it may: what became of that is told at the end. */
  fix: boolean;
}

/** Findings for people: the worst first, each with why and what repairs it, then what is in order. Commands are never broken. */
export function renderFindings(findings: readonly Finding[], { colour, columns, verbose, fix }: FindingsStyle): string {
  const paint = painter(colour);
  const width = Math.max(40, Math.min(columns, 100));
  const parts: string[] = [];
  for (const state of WORST_FIRST) {
    for (const finding of findings.filter((one) => one.state === state)) {
      parts.push(renderFinding(finding, paint, width), '\n');
    }
  }
  const well = findings.filter(({ state }) => state === 'ok');
  if (verbose) {
    for (const { check, what } of well)
      parts.push(wrap(`${check}: ${what}`, width, 'ok  ', '    ', (text) => paint('green', text)));
    if (well.length > 0) parts.push('\n');
  } else if (well.length > 0) {
    const names = [...new Set(well.map(({ check }) => check))].join(', ');
    parts.push(wrap(`In order: ${names}.`, width, '', '  '), '\n');
  }
  if (fix) for (const line of tellRepairs(findings)) parts.push(wrap(line, width, '', '  '));
  parts.push(`${summarise(findings)}\n`);
  return parts.join('');
}

function renderFinding(finding: Finding, paint: ReturnType<typeof painter>, width: number): string {
  const { check, state, what, why, remedy, command, fixed, did, fixable } = finding;
  const head = fixed ? 'fixed' : state;
  const style = fixed ? 'green' : STYLES[state];
  const lines = [wrap(`${check}: ${what}`, width, `${head}  `, '  ', (text) => paint(style, text))];
  if (why !== null) lines.push(wrap(why, width, '  why: ', '       '));
  if (did !== null) lines.push(wrap(did, width, fixed ? '  did: ' : '  ', '       '));
  if (fixed) return lines.join('');
  if (remedy !== null) lines.push(wrap(remedy, width, '  do:  ', '       '));
  // Whole, to be copied, whatever its length.
  if (command !== null) lines.push(`         ${paint('bold', oneLine(command))}\n`);
  if (fixable && did === null && command !== 'errand doctor --fix') lines.push('       or: errand doctor --fix\n');
  return lines.join('');
}

/** What `--fix` came to, by the names of the checks. */
function tellRepairs(findings: readonly Finding[]): string[] {
  const name = (words: string, which: (one: Finding) => boolean): string[] => {
    const names = [...new Set(findings.filter((one) => one.state !== 'ok' && which(one)).map(({ check }) => check))];
    return names.length === 0 ? [] : [`${words}: ${names.join(', ')}.`];
  };
  return [
    ...name('Repaired', ({ fixed }) => fixed),
    ...name('Could not be repaired', ({ fixed, fixable }) => !fixed && fixable),
    ...name('Not for errand to repair, see above', ({ fixed, fixable }) => !fixed && !fixable),
  ];
}

function summarise(findings: readonly Finding[]): string {
  const left = findings.filter(({ state, fixed }) => state !== 'ok' && !fixed);
  const fixed = findings.filter((finding) => finding.fixed).length;
  const count = (state: FindingState, one: string): string[] => {
    const many = left.filter((finding) => finding.state === state).length;
    return many === 0 ? [] : [`${many} ${one}${many === 1 ? '' : 's'}`];
  };
  const told = [...count('fault', 'fault'), ...count('warning', 'warning'), ...count('note', 'note')];
  const repaired = fixed === 0 ? [] : [`${fixed} repaired`];
  if (told.length === 0) return [...repaired, 'Everything is in order.'].join('. ');
  return `${[...repaired, ...told].join(', ')}.`;
}

/** `first` stands before the first line, in colour, and `next` before the others. What is longer than a line may be copied: it stays whole. */
function wrap(
  text: string,
  width: number,
  first: string,
  next: string,
  paint: (text: string) => string = (same) => same,
): string {
  const [head = first, ...rest] = wrapText(oneLine(text), width, { first, next, keepWords: true });
  return [`${paint(first)}${head.slice(first.length)}`, ...rest].map((line) => `${line}\n`).join('');
}
