import { StringDecoder } from 'node:string_decoder';
import type { View } from '@errand/planner';
import type { Io, Outcome } from '../command.ts';
import { type Failure, fail } from '../failure.ts';
import { findMachine } from '../reach/find-machine.ts';
import { runOverSsh } from '../reach/run-over-ssh.ts';
import type { SshTarget } from '../reach/ssh-arguments.ts';
import { isEventLine, parseLogLine } from './log-event.ts';
import { MAX_LINE_CHARS } from './log-tail.ts';
import type { LogWriter } from './log-writer.ts';

/** What somebody wants to read that is on another machine. */
export interface WantedLogs {
  id: string;
  follow: boolean;
  attempt: number | undefined;
  writer: LogWriter;
}

/** `started` says whether anything may have been shown. */
export type FetchedLogs = { ok: true; outcome: Outcome } | { ok: false; started: boolean; failure: Failure };

/** How to get to a machine that has a log, or null where the queue's file does not say. `me` is this machine. */
export async function findLogHost(view: View, machine: string, me: string): Promise<SshTarget | null> {
  const place = await findMachine(view, machine, me);
  return place.kind === 'there' ? place.target : null;
}

/**
 * Shows the logs that another machine has, by `errand logs` there. They come as events and are rendered here: what others wrote
 * steers this terminal as little as from a file.
 */
export async function showLogsFrom(io: Io, target: SshTarget, { id, follow, attempt, writer }: WantedLogs): Promise<FetchedLogs> {
  const words = ['errand', 'logs', '--here', '--raw', ...(follow ? ['-f'] : [])];
  if (attempt !== undefined) words.push('--attempt', String(attempt));
  const lines = new EventLines(writer);
  const reached = await runOverSsh(io, target, [...words, '--', id], { onOutput: (bytes) => lines.write(bytes) });
  writer.finish();
  if (reached.kind === 'failed') return { ok: false, started: reached.started, failure: addWay(reached.failure, id, target) };
  if (reached.kind === 'ended' && reached.status === 127) {
    const message = `there is no errand on the PATH of ${target.machine}, so the log cannot be fetched`;
    const hint = `Install it there with scripts/install, which puts it into ~/.local/bin, or look there: errand logs ${id}`;
    return { started: false, ...fail('environment', 'no-errand-there', message, hint) };
  }
  return { ok: true, outcome: { ok: true, exitCode: reached.status } };
}

function addWay(failure: Failure, id: string, { machine }: SshTarget): Failure {
  if (failure.code === 'connection-lost') {
    const message = failure.message.replace(/ while the command ran;.*/, ' while the log was shown');
    return { ...failure, message, hint: `The task is not touched by that. Check the network, then again: errand logs ${id}` };
  }
  return { ...failure, hint: `${failure.hint ?? ''} Or look on ${machine} itself: errand logs ${id}`.trim() };
}

/** Lines out of bytes, of which only events are taken; each attempt begins with one that says so. */
class EventLines {
  readonly #writer: LogWriter;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  #attempt = 0;

  constructor(writer: LogWriter) {
    this.#writer = writer;
  }

  write(bytes: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(bytes)).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MAX_LINE_CHARS) this.#rest = '';
    for (const line of lines) {
      if (!isEventLine(line)) continue;
      if (parseLogLine(line)?.type === 'started') this.#attempt += 1;
      this.#writer.write({ nonce: String(this.#attempt), lines: [line] });
    }
  }
}
