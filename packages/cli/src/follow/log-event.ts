import type { WorkerEvent } from '@errand/worker';

/** One line of the log of an attempt. */
export type LogEvent = Extract<WorkerEvent, { type: 'agent' }>['event'];

/** The event on a line, or null for what is none: a damaged line, or nothing that this version was told of. */
export function parseLogLine(line: string): LogEvent | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
      ? (value as LogEvent)
      : null;
  } catch {
    return null;
  }
}
