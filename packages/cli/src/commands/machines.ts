import { Argument, type Command } from 'commander';
import { addExamples, addJsonOption, addQueueOption, DONE, type Io, type Outcome, type QueueOption } from '../command.ts';
import { connect } from '../connect.ts';
import { failByProblems } from '../failure.ts';
import { type Look, look } from '../look.ts';
import { availableColumns, oneLine } from '../table.ts';

interface MachinesOptions extends QueueOption {
  json?: true;
}

export function define(command: Command): void {
  command
    .addArgument(
      new Argument('[what]', 'list: what is known of each machine; discover: propose lines for config/errand.yaml')
        .choices(['list', 'discover'])
        .default('list'),
    )
    .description(
      'Show every machine that works for the queue or that config/errand.yaml lists, and what looks wrong among them; ' +
        'or find machines on your tailnet that are not listed yet.',
    );
  addJsonOption(addQueueOption(command));
  addExamples(command, [
    ['errand machines', 'who is online, with which agents, versions, limits and addresses'],
    ['errand machines discover', 'lines for config/errand.yaml, from tailscale status --json'],
    ["errand machines --json | jq -r '.remarks[].message'", 'what looks wrong, for programs'],
  ]);
}

export async function run(io: Io, [what]: readonly string[], options: MachinesOptions): Promise<Outcome> {
  const connection = await connect(io, options);
  if (!connection.ok) return connection;
  const { queue } = connection;
  const me = connection.machine.machine;
  const seen = await look(queue);
  if (!seen.ok) return seen;
  if (what === 'discover') return discover(io, seen, me, options);
  const { reportMachines } = await import('../machines/machines-report.ts');
  const report = await reportMachines(queue, seen, me);
  if (options.json) io.out(`${JSON.stringify(report, null, 2)}\n`);
  else {
    const { renderMachines } = await import('../machines/render-machines.ts');
    io.out(renderMachines(report, { colour: io.colour, columns: availableColumns(io), now: Date.now() }));
  }
  return DONE;
}

/** Prints and changes nothing: config/ belongs to people. */
async function discover(io: Io, { view }: Look, me: string, { json }: MachinesOptions): Promise<Outcome> {
  const { parseQueueConfig } = await import('@errand/config');
  const parsed = parseQueueConfig('config/errand.yaml', view.config?.text ?? '');
  if (!parsed.ok) return failByProblems('configuration', parsed.problems);
  const { readTailnet } = await import('../machines/tailscale-status.ts');
  const tailnet = await readTailnet(io.env);
  if (!tailnet.ok) return tailnet;
  const { describeProposals, proposeMachines, renderLines } = await import('../machines/propose-machines.ts');
  const proposals = proposeMachines({ peers: tailnet.peers, listed: parsed.value.machines, me });
  const lines = renderLines(proposals);
  if (json) {
    io.out(`${JSON.stringify({ schema: 1, machines: proposals, lines }, null, 2)}\n`);
    return DONE;
  }
  io.out(lines);
  for (const remark of describeProposals(proposals)) io.note(`${oneLine(remark)}\n`);
  io.note(
    lines === ''
      ? 'There is nothing to add to config/errand.yaml.\n'
      : 'Put these lines into config/errand.yaml in a checkout of the queue (under machines: if it is there already), with\n' +
          'user: NAME where it is not yours, then: git commit -am "machines" && git push\n',
  );
  return DONE;
}
