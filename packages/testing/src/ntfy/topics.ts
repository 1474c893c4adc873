import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { NtfyRefusal } from './ntfy-errors.ts';
import type { Publication } from './publication.ts';

/** An event as ntfy writes it, on one line. */
export interface NtfyEvent {
  id: string;
  /** Unix seconds. */
  time: number;
  expires?: number;
  event: 'open' | 'keepalive' | 'message';
  topic: string;
  title?: string;
  message?: string;
  priority?: number;
  tags?: string[];
  click?: string;
  content_type?: string;
}

interface Stream {
  topics: readonly string[];
  response: ServerResponse;
  isSilent: boolean;
}

interface Waiter {
  isMet(): boolean;
  resolve(): void;
}

const CACHED_FOR_S = 12 * 3600;

/** What was published, who follows it, and who waits for either. */
export class Topics {
  /** Everything that was accepted, whether it was to be cached or not. */
  readonly published: NtfyEvent[] = [];
  readonly #streams = new Set<Stream>();
  readonly #subscriptions: string[] = [];
  #waiters: Waiter[] = [];

  publish({ cached, ...fields }: Publication): NtfyEvent {
    const { topic, ...rest } = fields;
    const { id, time } = newEvent('message', topic);
    const event: NtfyEvent = { id, time, ...(cached ? { expires: time + CACHED_FOR_S } : {}), event: 'message', topic, ...rest };
    this.published.push(event);
    for (const stream of this.#streams) if (stream.topics.includes(topic)) write(stream, event);
    this.noticeChange();
    return event;
  }

  of(topic: string): NtfyEvent[] {
    return this.published.filter((event) => event.topic === topic);
  }

  /** What `since` asks for, of what is cached. An id that nobody knows asks for everything. */
  since(topics: readonly string[], since: string): NtfyEvent[] {
    const cached = this.published.filter(({ topic, expires }) => topics.includes(topic) && expires !== undefined);
    if (since === 'none') return [];
    if (since === 'all' || since === '') return cached;
    if (since === 'latest') return topics.flatMap((topic) => cached.filter((event) => event.topic === topic).slice(-1));
    if (/^\d+$/.test(since)) return cached.filter(({ time }) => time >= Number(since));
    if (!/^[A-Za-z0-9]{12}$/.test(since)) throw new NtfyRefusal('badSince');
    return cached.slice(cached.findIndex(({ id }) => id === since) + 1);
  }

  follow(topics: readonly string[], response: ServerResponse, earlier: readonly NtfyEvent[]): void {
    const stream: Stream = { topics, response, isSilent: false };
    this.#streams.add(stream);
    response.once('close', () => {
      this.#streams.delete(stream);
      this.noticeChange();
    });
    write(stream, newEvent('open', topics.join(',')));
    for (const event of earlier) write(stream, event);
    this.#subscriptions.push(...topics);
    this.noticeChange();
  }

  keepAlive(): void {
    for (const stream of this.#streams) write(stream, newEvent('keepalive', stream.topics.join(',')));
  }

  silence(): void {
    for (const stream of this.#streams) stream.isSilent = true;
  }

  /** How many follow the topic now. */
  subscribers(topic: string): number {
    return [...this.#streams].filter((stream) => stream.topics.includes(topic)).length;
  }

  /** How often somebody began to follow the topic. */
  subscriptions(topic: string): number {
    return this.#subscriptions.filter((name) => name === topic).length;
  }

  /** Resolves when something has become true, now or after some later event. */
  until(isMet: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ isMet, resolve });
      this.noticeChange();
    });
  }

  /** Lets those go on whose condition is met now. */
  noticeChange(): void {
    const met = this.#waiters.filter((waiter) => waiter.isMet());
    this.#waiters = this.#waiters.filter((waiter) => !met.includes(waiter));
    for (const waiter of met) waiter.resolve();
  }
}

function write({ response, isSilent }: Stream, event: NtfyEvent): void {
  if (!isSilent) response.write(`${JSON.stringify(event)}\n`);
}

function newEvent(event: NtfyEvent['event'], topic: string): NtfyEvent {
  return { id: newId(), time: Math.floor(Date.now() / 1000), event, topic };
}

/** Twelve letters and digits. */
function newId(): string {
  return randomBytes(24).toString('base64').replace(/[+/=]/g, '').padEnd(12, '0').slice(0, 12);
}
