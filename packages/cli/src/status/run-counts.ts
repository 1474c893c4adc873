import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { logFolder } from '../follow/attempt-logs.ts';
import { parseLogLine } from '../follow/log-event.ts';
import { LogTail } from '../follow/log-tail.ts';

/** How far an attempt is, by its log. */
export interface RunCounts {
  /** Answers of a model, and calls of a tool. */
  turns: number;
  tool_calls: number;
  /** When its agent was last heard; ISO 8601, UTC. */
  output_at: string | null;
  /** What it has spent so far, US dollars; null where no model has answered. */
  cost_usd: number | null;
}

/** A log that is longer than this is not read from its beginning: what the heartbeat says must do. */
const MAX_BYTES = 4 * 1024 * 1024;
const NONCE = /^[\w-]{1,64}$/;

/** Reads how far the attempts on this machine are; what was read is not read again by the next call. */
export class RunCounter {
  readonly #stateDir: string;
  readonly #tails = new Map<string, { tail: LogTail; counts: RunCounts }>();

  constructor(stateDir: string) {
    this.#stateDir = stateDir;
  }

  /** Null where this machine has no log of that attempt, or only one that is too long. */
  async count(id: string, nonce: string): Promise<RunCounts | null> {
    if (!NONCE.test(nonce)) return null;
    const path = join(logFolder(this.#stateDir, id), `${nonce}.jsonl`);
    let known = this.#tails.get(path);
    if (known === undefined) {
      const size = (await stat(path).catch(() => null))?.size ?? Number.POSITIVE_INFINITY;
      if (size > MAX_BYTES) return null;
      known = { tail: new LogTail(path), counts: { turns: 0, tool_calls: 0, output_at: null, cost_usd: null } };
      this.#tails.set(path, known);
    }
    for await (const lines of known.tail.read()) for (const line of lines) addLine(known.counts, line);
    return known.counts;
  }
}

/** Most lines are what the agent said, and only their time matters: parsing them all would take longer than everything else. */
function addLine(counts: RunCounts, line: string): void {
  const type = /"type":"([a-z-]+)"/.exec(line)?.[1];
  if (type === 'calls-tool') counts.tool_calls++;
  if (type === 'spent') {
    const event = parseLogLine(line);
    counts.turns++;
    if (event?.type === 'spent') counts.cost_usd = (counts.cost_usd ?? 0) + event.costUsd;
  }
  if (type === 'output' || type === 'says' || type === 'calls-tool' || type === 'tool-answered' || type === 'spent') {
    counts.output_at = /"at":"([^"]+)"/.exec(line)?.[1] ?? counts.output_at;
  }
}
