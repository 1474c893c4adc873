const UNITS_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const;
const SHAPE = /^(?:(\d{1,9})d)? ?(?:(\d{1,9})h)? ?(?:(\d{1,9})m)? ?(?:(\d{1,9})s)?$/;

/** The shortest duration that means anything here, in milliseconds. */
export const MIN_DURATION_MS = 1000;
/** The longest: a year. Beyond it there is a mistake, and timers overflow. */
export const MAX_DURATION_MS = 365 * UNITS_MS.d;

/** Why a text is no duration: not understood, or out of range. */
export type DurationFault = 'bad-duration' | 'duration-too-short' | 'duration-too-long';

/** Milliseconds of `90s`, `30m`, `1h30m` or `1h 30m`, or the fault. */
export function scanDuration(text: string): number | DurationFault {
  if (/^\d{1,9}ms$/.test(text)) return 'duration-too-short';
  const parts = SHAPE.exec(text);
  if (text.trim() === '' || text !== text.trim() || parts === null) return 'bad-duration';
  const [d, h, m, s] = parts.slice(1).map((digits) => Number(digits ?? 0)) as [number, number, number, number];
  const ms = d * UNITS_MS.d + h * UNITS_MS.h + m * UNITS_MS.m + s * UNITS_MS.s;
  if (ms < MIN_DURATION_MS) return 'duration-too-short';
  return ms > MAX_DURATION_MS ? 'duration-too-long' : ms;
}

/** Milliseconds of a duration from 1 s to 365 d, or null where the text is none. */
export function parseDuration(text: string): number | null {
  const scanned = scanDuration(text);
  return typeof scanned === 'number' ? scanned : null;
}

/** A duration for people, in its two largest units: `3m 12s`, `2h`, `1d 4h`; `<1s` below a second. */
export function formatDuration(ms: number): string {
  if (ms < UNITS_MS.s) return '<1s';
  let rest = Math.floor(ms / UNITS_MS.s) * UNITS_MS.s;
  const parts: string[] = [];
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(rest / UNITS_MS[unit]);
    rest -= count * UNITS_MS[unit];
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}
