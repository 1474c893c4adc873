import { createHash } from 'node:crypto';
import type { Notification, Priority } from '../notification.ts';

/** A notification that waits to be sent. */
export interface OutboxEntry {
  notification: Notification;
  /** Wall clock in ms when it was added. Entries are sent in this order; no two of one process have the same. */
  addedAtMs: number;
}

/** The name under which a key's file is kept: safe on every file system, whatever the key. */
export function nameOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 40);
}

export function renderEntry(entry: OutboxEntry): string {
  return `${JSON.stringify(entry, null, 2)}\n`;
}

/** The entry in a file, or null where it is none. */
export function parseEntry(text: string): OutboxEntry | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value) || !isObject(value.notification) || !Number.isFinite(value.addedAtMs)) return null;
  const { key, topic, title, message, priority, tags, click } = value.notification;
  const texts = [key, topic, title, message];
  if (!texts.every((text) => typeof text === 'string') || !isPriority(priority)) return null;
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string')) return null;
  if (click !== undefined && typeof click !== 'string') return null;
  const [ownKey, ownTopic, ownTitle, ownMessage] = texts as [string, string, string, string];
  return {
    notification: {
      key: ownKey,
      topic: ownTopic,
      title: ownTitle,
      message: ownMessage,
      priority,
      tags,
      ...(click === undefined ? {} : { click }),
    },
    addedAtMs: Number(value.addedAtMs),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isPriority(value: unknown): value is Priority {
  return value === 1 || value === 2 || value === 3 || value === 4 || value === 5;
}
