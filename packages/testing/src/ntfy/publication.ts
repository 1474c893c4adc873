import type { IncomingHttpHeaders } from 'node:http';
import { NtfyRefusal } from './ntfy-errors.ts';

/** What somebody asks to be published, however it was asked for. */
export interface Publication {
  topic: string;
  message: string;
  title?: string;
  priority?: number;
  tags?: string[];
  click?: string;
  content_type?: string;
  cached: boolean;
}

const TOPIC = /^[-_A-Za-z0-9]{1,64}$/;
const RESERVED = new Set(['docs', 'static', 'file', 'app', 'account', 'settings', 'signup', 'login', 'v1']);
/** From here on a message is an attachment. */
const MESSAGE_LIMIT_BYTES = 4096;
const PRIORITY_WORDS = new Map([
  ['min', 1],
  ['low', 2],
  ['default', 3],
  ['high', 4],
  ['max', 5],
  ['urgent', 5],
]);

/** `{ "topic": …, "message": … }`, posted to the server itself. */
export function publicationOfJson(body: Buffer): Publication {
  if (body.length > 2 * MESSAGE_LIMIT_BYTES) throw new NtfyRefusal('jsonTooLarge');
  const fields = parseObject(body);
  const { title, click, markdown, cache, priority } = fields;
  const tags = fields.tags ?? [];
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string')) throw new NtfyRefusal('badJson');
  if (priority !== undefined && !Number.isInteger(priority)) throw new NtfyRefusal('badJson');
  const message = Buffer.from(textOf(fields.message) ?? '');
  const details = {
    title: textOf(title),
    click: textOf(click),
    tags,
    priority: priority === undefined ? undefined : String(priority),
    markdown: markdown === true,
    cached: cache !== 'no',
  };
  const topic = textOf(fields.topic) ?? '';
  if (!TOPIC.test(topic)) throw new NtfyRefusal('badTopic');
  return checked(topic, message, details);
}

/** A message posted to its topic, everything else in headers. */
export function publicationOfHeaders(topic: string, headers: IncomingHttpHeaders, body: Buffer): Publication {
  const header = (name: string): string | undefined => {
    const value = headers[name] ?? headers[`x-${name}`];
    return typeof value === 'string' ? decodeWord(value) : undefined;
  };
  const priority = header('priority');
  const message = body.length > 0 ? body : Buffer.from((header('message') ?? '').replaceAll('\\n', '\n'));
  return checked(topic, message, {
    title: header('title'),
    click: header('click'),
    tags: (header('tags') ?? '').split(',').flatMap((tag) => (tag.trim() === '' ? [] : [tag.trim()])),
    // Browsers and proxies send `Priority: u=1, i`, which is HTTP's own.
    priority: priority !== undefined && /^u=\d|^i$/.test(priority) ? undefined : priority,
    markdown: ['1', 'yes', 'true'].includes(header('markdown') ?? ''),
    cached: header('cache') !== 'no',
  });
}

interface Details {
  title: string | undefined;
  click: string | undefined;
  tags: string[];
  priority: string | undefined;
  markdown: boolean;
  cached: boolean;
}

function checked(topic: string, body: Buffer, details: Details): Publication {
  if (RESERVED.has(topic)) throw new NtfyRefusal('reservedTopic');
  const priority = priorityOf(details.priority);
  if (body.length >= MESSAGE_LIMIT_BYTES) throw new NtfyRefusal('noAttachments');
  const message = body.toString('utf8').trim();
  return {
    topic,
    ...(details.title ? { title: details.title } : {}),
    message: message === '' ? 'triggered' : message,
    ...(priority === 0 ? {} : { priority }),
    ...(details.tags.length === 0 ? {} : { tags: details.tags }),
    ...(details.click ? { click: details.click } : {}),
    ...(details.markdown ? { content_type: 'text/markdown' } : {}),
    cached: details.cached,
  };
}

/** 1 to 5, or 0 for none. */
function priorityOf(text: string | undefined): number {
  if (text === undefined || text === '' || text === '0') return 0;
  const priority = PRIORITY_WORDS.get(text.toLowerCase()) ?? (/^[1-5]$/.test(text) ? Number(text) : undefined);
  if (priority === undefined) throw new NtfyRefusal('badPriority');
  return priority;
}

function parseObject(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Answered below, like everything else that is no object.
  }
  throw new NtfyRefusal('badJson');
}

function textOf(value: unknown): string | undefined {
  if (value !== undefined && typeof value !== 'string') throw new NtfyRefusal('badJson');
  return value;
}

/** Header text in UTF-8, or as RFC 2047 writes it. */
function decodeWord(value: string): string {
  const [, encoded] = /^=\?utf-8\?b\?([A-Za-z0-9+/=]*)\?=$/i.exec(value) ?? [];
  return Buffer.from(encoded ?? value, encoded === undefined ? 'latin1' : 'base64').toString('utf8');
}
