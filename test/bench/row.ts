import { median, quartiles } from './statistics.ts';

/** One line of the table. */
export interface Row {
  measure: string;
  unit: 'ms' | 's' | 'MB' | '%' | 'pushes' | 'tries';
  /** What the same work costs without errand, milliseconds, taken between the measured runs; null where there is no such thing. */
  floorMs: readonly number[] | null;
  /** Empty where the run was over before there was anything to measure. */
  measured: readonly number[];
  /** The most that is wanted: of the measured median, of its ratio to the floor's, or of what it is more. Null for what is only told. */
  target: { atMost: number; of: 'value' | 'ratio' | 'excess' } | null;
}

/** The rows as a Markdown table: medians, with quartiles in brackets where there is more than one reading. */
export function renderRows(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const ratio = ratioOf(row);
    return [
      row.measure,
      row.floorMs === null ? '' : describe(row.floorMs, 'ms'),
      describe(row.measured, row.unit),
      ratio === null ? '' : `${ratio.toFixed(2)} ×`,
      describeTarget(row),
      row.target === null ? '' : isMet(row) ? 'yes' : 'no',
    ];
  });
  const head = ['measure', 'floor', 'measured', 'ratio', 'target', 'met'];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Whether the target is kept; true where there is none, false where nothing was measured. */
export function isMet(row: Row): boolean {
  if (row.target === null) return true;
  const value = judged(row, row.target.of);
  return value !== null && value <= row.target.atMost;
}

function judged(row: Row, of: NonNullable<Row['target']>['of']): number | null {
  if (row.measured.length === 0) return null;
  switch (of) {
    case 'value':
      return median(row.measured);
    case 'ratio':
      return ratioOf(row);
    case 'excess':
      return row.floorMs === null ? null : median(row.measured) - median(row.floorMs);
  }
}

function describeTarget({ target, unit }: Row): string {
  if (target === null) return '';
  const of = unit === 'pushes' ? '' : ` ${unit}`;
  switch (target.of) {
    case 'value':
      return `≤ ${target.atMost}${of}`;
    case 'ratio':
      return `≤ ${target.atMost} ×`;
    case 'excess':
      return `≤ floor + ${target.atMost}${of}`;
  }
}

function ratioOf({ floorMs, measured }: Row): number | null {
  return floorMs === null || measured.length === 0 ? null : median(measured) / median(floorMs);
}

function describe(values: readonly number[], unit: Row['unit']): string {
  if (values.length === 0) return 'not measured';
  const spell = (value: number): string =>
    unit === 'tries' || (unit === 'ms' && value >= 20)
      ? value.toFixed(0)
      : unit === 'pushes' || unit === '%'
        ? value.toFixed(2)
        : value.toFixed(1);
  const middle = unit === 'pushes' ? spell(median(values)) : `${spell(median(values))} ${unit}`;
  if (values.length < 2) return middle;
  const [low, high] = quartiles(values);
  return `${middle} (${spell(low)}–${spell(high)})`;
}
