import type { Queue } from '@errand/queue';
import { DONE, type Io, type Outcome } from '../command.ts';
import { type Look, lookBack } from '../look.ts';
import { renderStatus } from '../render-status.ts';
import { buildSeenStatus, type StatusReport } from '../status-report.ts';
import { type FollowOptions, followQueue, type Sight } from './follow-queue.ts';
import { withoutCountdown } from './without-countdown.ts';

const HOME_AND_CLEAR = '\u001b[H\u001b[2J';

/** Shows the status again and again until the signal comes. Fails only where nothing was ever seen. */
export async function watchStatus(
  io: Io,
  queue: Queue,
  options: { json?: true; machine?: string },
  follow: FollowOptions,
): Promise<Outcome> {
  let last: Look | null = null;
  let told = '';
  for await (const sight of followQueue(queue, follow)) {
    const seen = await recall(queue, sight, last);
    if (!seen.ok) return seen;
    last = seen;
    const report = await buildSeenStatus(queue, seen, options.machine);
    const news = withoutCountdown(JSON.stringify({ ...report, away: report.away?.message ?? null }));
    const isNew = news !== told;
    told = news;
    if (io.terminal && !options.json) io.out(fitScreen(io, report));
    else if (isNew) io.out(options.json ? `${JSON.stringify(report)}\n` : `${render(io, report)}\n`);
  }
  return DONE;
}

/** What was seen last, and while the remote is away why it is not the present. */
async function recall(queue: Queue, sight: Sight, last: Look | null): ReturnType<typeof lookBack> {
  if (sight.kind === 'seen') return { ok: true, view: sight.view, away: null, seenAt: Date.now() };
  return last === null ? lookBack(queue, sight.cause) : { ok: true, ...last, away: sight.cause };
}

function render(io: Io, report: StatusReport): string {
  return renderStatus(report, { colour: io.colour, columns: io.columns, now: Date.now() });
}

/** A report that is higher than the terminal would scroll, and its beginning would be gone. */
function fitScreen(io: Io, report: StatusReport): string {
  const lines = render(io, report).trimEnd().split('\n');
  const room = Math.max(3, io.rows - 1);
  const shown =
    lines.length <= room ? lines : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines: errand status`];
  return `${HOME_AND_CLEAR}${shown.join('\n')}\n`;
}
