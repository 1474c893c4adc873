import type { Command } from 'commander';
import { addExamples, addJsonOption, addQueueOption, DONE, type Io, type Outcome, type QueueOption } from '../command.ts';
import { connect } from '../connect.ts';
import { look } from '../look.ts';
import { renderStatus } from '../render-status.ts';
import { buildStatus, type StatusReport } from '../status-report.ts';

interface StatusOptions extends QueueOption {
  json?: true;
  machine?: string;
}

export function define(command: Command): void {
  command.option('--machine <name>', 'only this machine, and what is for it');
  addJsonOption(addQueueOption(command));
  addExamples(command, [
    ['errand status', 'machines, open tasks, invalid files, recent results'],
    ['errand status --machine pi', 'only what concerns pi'],
    ["errand status --json | jq '.tasks[].id'", 'for programs'],
  ]);
}

export async function run(io: Io, _args: readonly string[], options: StatusOptions): Promise<Outcome> {
  const connection = await connect(io, options);
  if (!connection.ok) return connection;
  const { queue } = connection;
  const seen = await look(queue);
  if (!seen.ok) return seen;
  const { view, away, seenAt } = seen;
  const report: StatusReport = {
    ...(await buildStatus(queue, view, options.machine)),
    unsent: (await queue.outbox.pending()).map(({ id }) => id),
    away: away && { message: away.message, seen_at: seenAt === null ? null : new Date(seenAt).toISOString() },
  };
  io.out(
    options.json
      ? `${JSON.stringify(report, null, 2)}\n`
      : renderStatus(report, { colour: io.colour, columns: io.columns, now: Date.now() }),
  );
  return DONE;
}
