import { Buffer } from 'node:buffer';
import type { z } from 'zod';
import { fitRecord } from './fit-record.ts';
import type { Heartbeat, KeyHold, Record } from './record.ts';
import { heartbeatSchema, keyHoldSchema, recordSchema } from './record-schema.ts';
import { shorten } from './title.ts';
import { readQuickYaml } from './yaml/quick-yaml.ts';
import { writeYaml } from './yaml/write-yaml.ts';
import { openYaml } from './yaml/yaml-source.ts';

/** The largest commit of a coordination ref that is read, in bytes. */
export const MAX_BODY_BYTES = 64 * 1024;
/** What the commit's own header and subject may take of it. */
const HEADER_BYTES = 2 * 1024;
const MAX_SUBJECT_CHARS = 200;

/** A body, or why it is none. `newer`: it is written for a later schema, so that this version must leave it alone. */
export type ParsedBody<T> = { ok: true; value: T } | { ok: false; reason: string; newer?: true };

/**
 * The commit message of a coordination ref: a subject for people, a blank line, and the value as YAML with `schema` first.
 * A record with more history than fits loses the least important part of it (see `fitRecord`).
 */
export function renderBody(subject: string, value: Record | Heartbeat | KeyHold): string {
  const { schema, ...rest } = 'attempts' in value ? fitRecord(value, MAX_BODY_BYTES - HEADER_BYTES) : value;
  return `${shorten(subject, MAX_SUBJECT_CHARS) || 'errand'}\n\n${writeYaml({ schema, ...rest })}`;
}

/** Reads the message of a commit under `refs/errand/tasks/`. */
export function parseRecord(message: string): ParsedBody<Record> {
  return parseBody(message, recordSchema);
}

/** Reads the message of a commit under `refs/errand/workers/`. */
export function parseHeartbeat(message: string): ParsedBody<Heartbeat> {
  return parseBody(message, heartbeatSchema);
}

/** Reads the message of a commit under `refs/errand/keys/`. */
export function parseKeyHold(message: string): ParsedBody<KeyHold> {
  return parseBody(message, keyHoldSchema);
}

/** Keys that are not known are passed over: workers of neighbouring versions share a queue. */
function parseBody<T>(message: string, schema: z.ZodType<T>): ParsedBody<T> {
  if (Buffer.byteLength(message) > MAX_BODY_BYTES) return { ok: false, reason: `its body has more than ${MAX_BODY_BYTES} bytes` };
  const blank = message.indexOf('\n\n');
  if (blank < 0) return { ok: false, reason: 'it has no body' };
  const text = message.slice(blank + 2);
  const quick = readQuickYaml(text);
  const source = quick === null ? openYaml('body', text) : { value: quick, problems: [] };
  const [problem] = source.problems;
  if (problem !== undefined) return { ok: false, reason: `its body is not YAML: ${problem.message}` };
  const version = (source.value as { schema?: unknown }).schema;
  if (typeof version === 'number' && version > 1) {
    return { ok: false, reason: `it is written for schema ${version}: update errand on this machine`, newer: true };
  }
  const checked = schema.safeParse(source.value);
  if (checked.success) return { ok: true, value: checked.data };
  const [issue] = checked.error.issues;
  return { ok: false, reason: `its body is not valid at ${issue?.path.join('.') || 'the top'}: ${issue?.message ?? 'unknown'}` };
}
