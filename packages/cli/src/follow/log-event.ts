import type { WorkerEvent } from '@errand/worker';

/** One line of the log of an attempt. */
export type LogEvent = Extract<WorkerEvent, { type: 'agent' }>['event'];

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isNumber: Check = (value) => Number.isFinite(value);
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isTokens: Check = (value) =>
  isObject(value) && ['input', 'output', 'cache_read', 'cache_write'].every((name) => isNumber(value[name]));
const orNone =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null || check(value);

/** What is shown of each event. A log may come from another machine, and may hold anything. */
const SHOWN: { readonly [type in LogEvent['type']]: { readonly [field: string]: Check } } = {
  started: { argv: isTexts, containment: isText },
  session: { session: isText, model: orNone(isText), version: orNone(isText) },
  says: { text: isText },
  'calls-tool': { tool: isText, about: isText },
  'tool-answered': { tool: isText, ok: isFlag, text: isText },
  spent: { tokens: isTokens, costUsd: isNumber, estimated: isFlag },
  waits: { text: isText },
  output: { stream: isText, text: isText },
  'output-capped': { limitBytes: isNumber },
  frozen: { why: isText },
  thawed: { why: isText },
  stopping: { why: isText, signal: isText },
  exited: { exitCode: orNone(isNumber), signal: orNone(isText) },
};

/** The event on a line, or null for what is none: a damaged line, an odd one, or nothing that this version was told of. */
export function parseLogLine(line: string): LogEvent | null {
  const value = parseEvent(line);
  if (value === null || !Object.hasOwn(SHOWN, value.type)) return null;
  const fields = { at: isText, ...SHOWN[value.type as LogEvent['type']] };
  return Object.entries(fields).every(([name, check]) => check(value[name])) ? (value as unknown as LogEvent) : null;
}

/** Whether a line holds some event, also one of a newer errand. */
export function isEventLine(line: string): boolean {
  return parseEvent(line) !== null;
}

function parseEvent(line: string): { readonly [field: string]: unknown; readonly type: string } | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) && typeof value.type === 'string' ? { ...value, type: value.type } : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null;
}
