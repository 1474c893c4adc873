import { constants } from 'node:os';
import { asName, asNumber, asObject, asText, type Json } from './json.ts';

const MAX_ABOUT_CHARACTERS = 200;

/** The parts of a tool's input that tell people what it is about, the most telling first. */
const TELLING = ['command', 'file_path', 'notebook_path', 'pattern', 'url', 'query', 'description', 'path', 'skill', 'prompt'];

/** One line, e.g. the command or the path. */
export function describeCall(input: unknown): string {
  const fields = asObject(input) ?? {};
  const told = TELLING.map((name) => asText(fields[name])).find((text) => text !== null && text.trim() !== '');
  const text = told ?? Object.values(fields).find((value) => typeof value === 'string') ?? '';
  return shorten(String(text).replace(/\s+/g, ' ').trim(), MAX_ABOUT_CHARACTERS);
}

/** `the service answered 529 (overloaded); try 1 of 3, in 0.6 s`. */
export function describeRetry(event: Json): string {
  const status = asNumber(event.error_status);
  const error = asName(event.error);
  const what =
    status === null ? 'no answer from the service' : `the service answered ${status}${error === null ? '' : ` (${error})`}`;
  const attempt = asNumber(event.attempt);
  const most = asNumber(event.max_retries);
  const delayMs = asNumber(event.retry_delay_ms);
  const which = attempt === null || most === null ? 'trying again' : `try ${attempt} of ${most}`;
  return `${what}; ${which}${delayMs === null ? '' : `, in ${(delayMs / 1000).toFixed(1)} s`}`;
}

/** Whole characters, with … for what is left out. */
export function shorten(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const cut = text.slice(0, maxCharacters - 1);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** Whole characters, at most so many bytes of UTF-8, with … (3 bytes) for what is left out; empty where not even that fits. */
export function shortenToBytes(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  if (maxBytes < 3) return '';
  const cut = Buffer.from(text.slice(0, maxBytes)).subarray(0, maxBytes - 3);
  // A character that was cut through stays in the decoder.
  return `${new TextDecoder('utf-8', { ignoreBOM: true }).decode(cut, { stream: true })}…`;
}

/** The end of a text, from the start of a line, at most so many characters: what went wrong stands there. */
export function tail(text: string, maxCharacters = 4_096): string {
  const trimmed = text.trim();
  if (trimmed.length <= maxCharacters) return trimmed;
  const cut = trimmed.slice(-maxCharacters);
  return `…\n${cut.slice(cut.indexOf('\n') + 1)}`;
}

export function firstLine(text: string): string {
  return shorten((text.trim().split('\n', 1)[0] ?? '').trim(), 300);
}

/** `killed by SIGKILL`, `exit status 143: SIGTERM`. Shells report a child that a signal ended as 128 + its number. */
export function describeExit({ exitCode, signal }: { exitCode: number | null; signal: string | null }): string {
  if (exitCode === null) return signal === null ? 'no exit status' : `killed by ${signal}`;
  const name = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0];
  return `exit status ${exitCode}${name === undefined ? '' : `: ${name}`}`;
}
