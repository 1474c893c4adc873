import type { Command } from 'commander';
import { addExamples, addJsonOption, addQueueOption, DONE, type Io, type Outcome, type QueueOption } from '../command.ts';
import { connect } from '../connect.ts';
import { look } from '../look.ts';
import { remark } from '../remark.ts';
import { renderStatus } from '../render-status.ts';
import { RunCounter } from '../status/run-counts.ts';
import { buildSeenStatus } from '../status-report.ts';
import { availableColumns } from '../table.ts';

interface StatusOptions extends QueueOption {
  json?: true;
  machine?: string;
  watch?: true;
}

export function define(command: Command): void {
  command
    .option('--machine <name>', 'only this machine, and what is for it')
    .option(
      '--watch',
      'go on: on a terminal kept up to date in place, else told again when something has changed; q or Ctrl-C ends it',
    );
  addJsonOption(addQueueOption(command));
  addExamples(command, [
    ['errand status', 'machines, open tasks, invalid files, recent results'],
    ['errand status --machine pi', 'only what concerns pi'],
    ['errand status --watch', 'the same, always as it is now'],
    ["errand status --json | jq '.tasks[].id'", 'for programs'],
  ]);
}

export async function run(io: Io, _args: readonly string[], options: StatusOptions): Promise<Outcome> {
  const connection = await connect(io, options);
  if (!connection.ok) return connection;
  const { queue, stateDir } = connection;
  if (options.watch) {
    const { watchStatus } = await import('../follow/watch-status.ts');
    const { Interruption } = await import('../follow/interruption.ts');
    const watched = await watchStatus(io, queue, { ...options, stateDir }, { signal: new Interruption().signal });
    await queue.close();
    return watched;
  }
  const seen = await look(queue);
  if (!seen.ok) return seen;
  if (options.machine !== undefined) {
    const { remarkUnknownMachine } = await import('../known-machines.ts');
    const unknown = await remarkUnknownMachine(seen.view, options.machine, connection.machine.machine);
    if (unknown !== null) remark(io, unknown);
  }
  const only = options.machine === undefined ? {} : { machine: options.machine };
  const report = await buildSeenStatus(queue, seen, { counter: new RunCounter(stateDir), ...only });
  io.out(
    options.json
      ? `${JSON.stringify(report, null, 2)}\n`
      : renderStatus(report, { colour: io.colour, columns: availableColumns(io), now: Date.now(), ...only }),
  );
  return DONE;
}
