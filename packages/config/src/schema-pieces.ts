import { explain, MAX_DURATION_MS, nearestOf, scanDuration } from '@errand/task';
import { z } from 'zod';
import { isKnownAgent, KNOWN_AGENTS } from './agent-names.ts';
import * as shape from './shapes.ts';

/** Node's timers fire at once when they are set for longer than 24 days. */
const MAX_TIMER_MS = 7 * 86_400_000;

/** One line of text that is not empty. */
export const text = shaped(shape.TEXT);
export const machineName = shaped(shape.MACHINE_NAME);
export const capability = shaped(shape.CAPABILITY);
export const branch = shaped(shape.BRANCH);
export const topic = shaped(shape.TOPIC);
export const webAddress = shaped(shape.WEB_ADDRESS);
export const clickAddress = shaped(shape.CLICK_ADDRESS);
/** How urgent a notification is, in ntfy's words; `off` sends none. */
export const ntfyPriority = explain(z.enum(['min', 'low', 'default', 'high', 'urgent', 'off']), {
  code: 'bad-ntfy-priority',
  expected: 'min, low, default, high, urgent or off',
  hint: 'Put off in quotes if your editor makes false of it.',
});

export const hostAddress = shaped(shape.HOST_ADDRESS);
export const loginName = shaped(shape.LOGIN_NAME);
/** A tier, or the exact id of a model. */
export const model = shaped(shape.MODEL);
/** An item of a command line: any text that a process can be given. */
export const argument = shaped(shape.ARGUMENT);
/** A duration that a timer runs for, from 1 s to 7 d. */
export const timerDuration = durationUpTo(MAX_TIMER_MS, 'a week');
/** A duration from 1 s to a year. */
export const duration = durationUpTo(MAX_DURATION_MS, 'a year');
/** A number of bytes, or text with a unit. */
export const size = explain(z.union([z.int().min(1024), z.string().regex(shape.SIZE.pattern)]), explanationOf(shape.SIZE));
/** Room on a disk, with a unit. */
export const diskSize = shaped(shape.DISK_SIZE);

/** Pushes per minute of a whole queue, or none where nothing limits them. */
export const pushes = explain(z.union([z.literal('none'), z.number().min(0.1)]), {
  code: 'bad-pushes',
  expected: 'a number of pushes per minute from 0.1 up, or none',
  hint: 'Write 6, as GitHub advises for one repository, or `none` on a server of your own.',
});

/** The format that a file is written in; there is one so far. */
export const schemaNumber = explain(
  z
    .int()
    .min(1)
    .check((context) => {
      if (context.value === 1) return;
      const message = `this file is written for schema ${context.value}, and this errand reads schema 1`;
      const params = { code: 'newer-schema', hint: 'Update errand on this machine.' };
      context.issues.push({ code: 'custom', input: context.value, message, params });
    })
    .meta({ const: 1 }),
  { code: 'bad-schema', expected: 'a whole number', hint: 'Write `schema: 1`, or delete the line.' },
);

/** The name of an agent that some version of Errand can run. */
export const agentName = explain(
  z
    .string()
    .meta({ enum: [...KNOWN_AGENTS] })
    .check((context) => {
      if (isKnownAgent(context.value)) return;
      context.issues.push({
        code: 'custom',
        input: context.value,
        message: `there is no agent ${JSON.stringify(context.value.slice(0, 40))}`,
        params: { code: 'unknown-agent', hint: hintAtAgent(context.value) },
      });
    }),
  { code: 'unknown-agent', expected: 'the name of an agent' },
);

/** Text that stands in the file, or the file that holds it. */
export const secretText = z.union([
  argument,
  z.strictObject({ file: text.meta({ description: 'File that holds the value; newlines at its end do not count.' }) }),
]);

/** A mapping whose keys are names of one shape. `checkNames` checks them, so that a bad name hides nothing below it. */
export function namedBy<V extends z.ZodType>({ pattern }: shape.Shape, value: V) {
  return z.record(z.string(), value).meta({ propertyNames: { type: 'string', pattern: pattern.source } });
}

/** The remedy for an agent's name that nobody knows. */
export function hintAtAgent(name: string): string {
  const nearest = nearestOf(name, KNOWN_AGENTS);
  return nearest === null ? `The agents are ${KNOWN_AGENTS.join(', ')}.` : `Did you mean \`${nearest}\`?`;
}

function shaped(wanted: shape.Shape) {
  return explain(z.string().regex(wanted.pattern), explanationOf(wanted));
}

function explanationOf({ code, expected, hint }: shape.Shape) {
  return { code, expected, hint };
}

function durationUpTo(maxMs: number, maxText: string) {
  const hint = 'Write numbers with their units, as in 90s, 5m, 1h30m or 7d.';
  return explain(
    z
      .string()
      .meta({ pattern: '^(\\d+d)? ?(\\d+h)? ?(\\d+m)? ?(\\d+s)?$' })
      .check((context) => {
        const scanned = scanDuration(context.value);
        const code = typeof scanned === 'string' ? scanned : scanned > maxMs ? 'duration-too-long' : null;
        if (code === null) return;
        const fault = {
          'bad-duration': 'is no duration',
          'duration-too-short': 'is shorter than a second',
          'duration-too-long': `is longer than ${maxText}`,
        };
        const message = `${JSON.stringify(context.value.slice(0, 40))} ${fault[code]}`;
        context.issues.push({ code: 'custom', input: context.value, message, params: { code, hint } });
      }),
    { code: 'bad-duration', expected: 'a duration', hint },
  );
}
