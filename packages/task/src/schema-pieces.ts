import { z } from 'zod';
import { type DurationFault, scanDuration } from './durations.ts';
import { show } from './yaml/explain-issue.ts';
import { explain } from './yaml/schema-shape.ts';

const DURATION_HINT = 'Write a number and s, m, h or d: 90s, 30m, 1h30m.';

const DURATION_FAULTS: { [fault in DurationFault]: string } = {
  'bad-duration': 'is no duration',
  'duration-too-short': 'is shorter than a second',
  'duration-too-long': 'is longer than a year',
};

/** `30m` in a file, milliseconds in memory; codes `bad-duration`, `duration-too-short`, `duration-too-long`. */
export const durationSchema = explain(
  z
    .string()
    .meta({ pattern: '^(\\d+d)? ?(\\d+h)? ?(\\d+m)? ?(\\d+s)?$', examples: ['90s', '30m', '1h30m'] })
    .transform((text, context): number => {
      const scanned = scanDuration(text);
      if (typeof scanned === 'number') return scanned;
      const message = `${show(text)} ${DURATION_FAULTS[scanned]}`;
      context.issues.push({ code: 'custom', message, input: text, params: { code: scanned, hint: DURATION_HINT } });
      return z.NEVER;
    }),
  { code: 'bad-duration', expected: 'a duration', hint: DURATION_HINT },
);
