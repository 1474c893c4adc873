import type { Queue } from '@errand/queue';
import { DONE, type Io, type Outcome } from '../command.ts';
import { type Look, lookBack } from '../look.ts';
import { renderStatus } from '../render-status.ts';
import { RunCounter } from '../status/run-counts.ts';
import { buildSeenStatus, type StatusReport } from '../status-report.ts';
import { availableColumns } from '../table.ts';
import { type FollowOptions, followQueue, type Sight } from './follow-queue.ts';
import { Screen } from './screen.ts';
import { withoutCountdown } from './without-countdown.ts';

export interface WatchOptions {
  json?: true;
  /** Leaves out what is not for this machine. */
  machine?: string;
  /** Where the logs of attempts on this machine are. */
  stateDir: string;
}

/** Between two frames, so that durations go on although nobody asks the remote, milliseconds. */
const TICK_MS = 1_000;

/** Shows the status again and again until the signal comes or somebody presses `q`. Fails only where nothing was ever seen. */
export async function watchStatus(io: Io, queue: Queue, options: WatchOptions, follow: FollowOptions): Promise<Outcome> {
  const quit = new AbortController();
  const signal = AbortSignal.any([follow.signal, quit.signal]);
  const reports = followReports(queue, options, { ...follow, signal });
  // A terminal that can do nothing but print gets what a pipe gets.
  const isScreen = io.terminal && !options.json && io.env.TERM !== 'dumb';
  const only = options.machine === undefined ? {} : { machine: options.machine };
  return isScreen ? drawReports(io, reports, signal, only, () => quit.abort()) : printReports(io, reports, only, options);
}

type Reports = AsyncGenerator<StatusReport, Outcome>;

/** A report for each look at the queue. */
async function* followReports(queue: Queue, { machine, stateDir }: WatchOptions, follow: FollowOptions): Reports {
  const counter = new RunCounter(stateDir);
  let last: Look | null = null;
  for await (const sight of followQueue(queue, follow)) {
    const seen = await recall(queue, sight, last);
    if (!seen.ok) return seen;
    last = seen;
    yield await buildSeenStatus(queue, seen, { counter, ...(machine !== undefined && { machine }) });
  }
  return DONE;
}

/** What was seen last, and while the remote is away why it is not the present. */
async function recall(queue: Queue, sight: Sight, last: Look | null): ReturnType<typeof lookBack> {
  if (sight.kind === 'seen') return { ok: true, view: sight.view, away: null, seenAt: Date.now() };
  return last === null ? lookBack(queue, sight.cause) : { ok: true, ...last, away: sight.cause };
}

async function drawReports(
  io: Io,
  reports: Reports,
  signal: AbortSignal,
  only: { machine?: string },
  quit: () => void,
): Promise<Outcome> {
  let report: StatusReport | null = null;
  let screen: Screen | null = null;
  const draw = (): void => {
    if (report === null || screen === null) return;
    const look = { colour: io.colour, columns: screen.columns, now: Date.now(), ...only };
    screen.draw(renderStatus(report, look).trimEnd().split('\n'));
  };
  const leave = (): void => screen?.[Symbol.dispose]();
  // At once, also where a look at a remote that is slow has to end first.
  signal.addEventListener('abort', leave);
  const clock = setInterval(draw, TICK_MS);
  try {
    for (;;) {
      const next = await reports.next();
      if (next.done) return next.value;
      report = next.value;
      if (!signal.aborted) screen ??= new Screen(io, { quit, redraw: draw });
      draw();
    }
  } finally {
    clearInterval(clock);
    signal.removeEventListener('abort', leave);
    leave();
  }
}

/** Prints a report whenever something has changed. */
async function printReports(io: Io, reports: Reports, only: { machine?: string }, { json }: WatchOptions): Promise<Outcome> {
  let told = '';
  for (;;) {
    const next = await reports.next();
    if (next.done) return next.value;
    const news = summarizeNews(next.value);
    if (news === told) continue;
    told = news;
    const look = { colour: io.colour, columns: availableColumns(io), now: Date.now(), ...only };
    io.out(json ? `${JSON.stringify(next.value)}\n` : `${renderStatus(next.value, look)}\n`);
  }
}

/** Equal for two reports between which nothing happened: that time passes, that a machine is there and an agent talks, is no news. */
function summarizeNews(report: StatusReport): string {
  const tasks = report.tasks.map((task) => ({ ...task, run: null }));
  const machines = report.machines.map((machine) => ({ ...machine, seen_at: null }));
  return withoutCountdown(JSON.stringify({ ...report, tasks, machines, away: report.away?.message ?? null }));
}
