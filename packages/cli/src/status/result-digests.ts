import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ResultFile } from '@errand/planner';
import type { Queue } from '@errand/queue';
import type { AttemptEntry, ResultHead, Tier } from '@errand/task';

/** What people are shown of a result. */
export interface ResultDigest {
  state: ResultHead['state'];
  /** ISO 8601, UTC. */
  finished_at: string;
  /** Blob of the task file that it is about. */
  task: string;
  worker: string | null;
  agent: string | null;
  tier: Tier | null;
  /** Of all attempts that say theirs, US dollars. */
  cost_usd: number | null;
  /** What its attempts spent, by the day (UTC) on which they ended. */
  days: { [day: string]: DaySpend };
}

export interface DaySpend {
  attempts: number;
  usd: number;
  estimated: boolean;
}

/** Of more results than these, what nobody asked for this time is forgotten. */
const MAX_KEPT = 2_000;
/** Of results that nobody has read here, so many are fetched and read at a time. */
const MAX_NEW = 2_000;
const FILE = 'results-read.json';

/**
 * What results say, kept on disk by blob: a day may have hundreds of them, and each is read once. The file is disposable:
 * whatever is wrong with it, the results are read again.
 */
export class ResultDigests {
  readonly #queue: Pick<Queue, 'dir' | 'port'>;
  readonly #kept: Map<string, ResultDigest | null>;
  readonly #asked = new Set<string>();
  #isNew = false;

  private constructor(queue: Pick<Queue, 'dir' | 'port'>, kept: Map<string, ResultDigest | null>) {
    this.#queue = queue;
    this.#kept = kept;
  }

  static async open(queue: Pick<Queue, 'dir' | 'port'>): Promise<ResultDigests> {
    const text = await readFile(join(queue.dir, FILE), 'utf8').catch(() => '');
    return new ResultDigests(queue, parse(text));
  }

  /** By blob; null for a file that cannot be read as a result. Left out is what the remote did not send, and what is too much at once. */
  async read(files: readonly ResultFile[]): Promise<ReadonlyMap<string, ResultDigest | null>> {
    for (const { blob } of files) this.#asked.add(blob);
    const unread = files.filter(({ blob }) => !this.#kept.has(blob)).slice(0, MAX_NEW);
    if (unread.length > 0) await this.#readNew(unread);
    return new Map(files.flatMap(({ blob }) => (this.#kept.has(blob) ? [[blob, this.#kept.get(blob) ?? null]] : [])));
  }

  /** Keeps what was learned for the next command; a disk that is full costs time only. */
  async save(): Promise<void> {
    if (!this.#isNew) return;
    const kept = [...this.#kept].filter(([blob]) => this.#kept.size <= MAX_KEPT || this.#asked.has(blob));
    const path = join(this.#queue.dir, FILE);
    const draft = `${path}.${process.pid}`;
    const text = JSON.stringify({ schema: 1, digests: Object.fromEntries(kept) });
    await writeFile(draft, text, { mode: 0o600 })
      .then(() => rename(draft, path))
      .catch(() => rm(draft, { force: true }))
      .catch(() => undefined);
  }

  async #readNew(files: readonly ResultFile[]): Promise<void> {
    const { port } = this.#queue;
    const { readResultHead } = await import('@errand/task');
    const found = await Promise.all(files.map(({ blob }) => port.read(blob)));
    const missing = files.filter((_, i) => found[i] === null);
    if (missing.length > 0) await port.fetchBlobs(missing.map(({ blob }) => blob));
    for (const [i, { blob, path }] of files.entries()) {
      const object = found[i] ?? (await port.read(blob));
      if (!object) continue;
      const head = readResultHead(path, object.content.toString('utf8'));
      this.#kept.set(blob, head.ok ? digest(head.value) : null);
      this.#isNew = true;
    }
  }
}

function digest({ state, finished_at, task, attempts }: ResultHead): ResultDigest {
  const last = attempts.at(-1);
  const costs = attempts.flatMap(({ cost_usd }) => cost_usd ?? []);
  const days = sumByDay(attempts);
  const cost_usd = costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0);
  const { worker = null, agent = null, tier = null } = last ?? {};
  return { state, finished_at, task, worker, agent, tier, cost_usd, days };
}

/**
 * What attempts spent, by the day (UTC) on which they ended. Equal ones in a row are one entry, with the end of the last of them:
 * where the first began on another day, what each day had is a guess.
 */
export function sumByDay(attempts: readonly AttemptEntry[]): { [day: string]: DaySpend } {
  const days: { [day: string]: DaySpend } = {};
  for (const { started_at, ended_at, cost_usd = 0, cost_estimated = false, count = 1 } of attempts) {
    const day = dayOf(ended_at);
    const isSpread = count > 1 && cost_usd > 0 && (started_at === undefined || dayOf(started_at) !== day);
    const { attempts, usd, estimated } = days[day] ?? { attempts: 0, usd: 0, estimated: false };
    days[day] = { attempts: attempts + count, usd: usd + cost_usd, estimated: estimated || cost_estimated || isSpread };
  }
  return days;
}

function dayOf(iso: string): string {
  return iso.slice(0, 'YYYY-MM-DD'.length);
}

function parse(text: string): Map<string, ResultDigest | null> {
  try {
    const { schema, digests } = JSON.parse(text) as { schema?: unknown; digests?: object };
    if (schema !== 1) return new Map();
    return new Map(Object.entries(digests ?? {}).filter((entry): entry is [string, ResultDigest | null] => isDigest(entry[1])));
  } catch {
    return new Map();
  }
}

function isDigest(value: unknown): value is ResultDigest | null {
  if (value === null) return true;
  if (typeof value !== 'object') return false;
  const { state, finished_at, task, worker, agent, tier, cost_usd, days } = value as { [key in keyof ResultDigest]: unknown };
  return (
    [state, finished_at, task].every((text) => typeof text === 'string') &&
    [worker, agent, tier].every((text) => text === null || typeof text === 'string') &&
    (cost_usd === null || typeof cost_usd === 'number') &&
    typeof days === 'object' &&
    days !== null &&
    Object.values(days).every(isDaySpend)
  );
}

function isDaySpend(value: Partial<DaySpend> | null): boolean {
  return typeof value?.attempts === 'number' && typeof value.usd === 'number' && typeof value.estimated === 'boolean';
}
