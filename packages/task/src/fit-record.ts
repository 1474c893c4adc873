import { Buffer } from 'node:buffer';
import type { AttemptEntry } from './outcome.ts';
import type { Record } from './record.ts';
import { shorten } from './title.ts';
import { writeYaml } from './yaml/write-yaml.ts';

const MAX_TEXT_CHARS = 500;
const MAX_OLD_TEXT_CHARS = 80;

/**
 * The record, no larger than so many bytes. Long texts are cut first. Then attempts go, oldest first: those of
 * earlier versions of the task file, which count for nothing any more, before those of this one. The first and the last stay.
 */
export function fitRecord<R extends Record>(record: R, maxBytes: number): R {
  if (fits(record, maxBytes)) return record;
  const cut: R = { ...record, attempts: record.attempts.map((entry) => cutTexts(entry, MAX_OLD_TEXT_CHARS)) };
  if (cut.state === 'waiting') cut.reason = shorten(cut.reason, MAX_TEXT_CHARS);
  if (cut.state === 'parked') cut.subject = shorten(cut.subject, MAX_TEXT_CHARS);
  while (!fits(cut, maxBytes) && cut.attempts.length > 2) cut.attempts = withoutLeast(cut.attempts, cut.task);
  return cut;
}

function fits(record: Record, maxBytes: number): boolean {
  return Buffer.byteLength(writeYaml(record)) <= maxBytes;
}

/** Without an eighth of the entries, so that a very long history is cut in few steps. */
function withoutLeast(attempts: readonly AttemptEntry[], task: string): AttemptEntry[] {
  const middle = attempts.slice(1, -1);
  const byWorth = [...middle.filter((entry) => entry.task !== task), ...middle.filter((entry) => entry.task === task)];
  const dropped = new Set(byWorth.slice(0, Math.ceil(attempts.length / 8)));
  return attempts.filter((entry) => !dropped.has(entry));
}

function cutTexts(entry: AttemptEntry, maxChars: number): AttemptEntry {
  const cut = Object.entries(entry).map(([key, value]) => [key, typeof value === 'string' ? shorten(value, maxChars) : value]);
  return Object.fromEntries(cut) as AttemptEntry;
}
