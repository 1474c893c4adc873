import type { Command } from 'commander';
import { addExamples, addQueueOption, type Io, type Outcome, type QueueOption } from '../command.ts';
import { connect } from '../connect.ts';
import { fail } from '../failure.ts';
import { look } from '../look.ts';
import { remark } from '../remark.ts';

export function define(command: Command): void {
  command
    .argument('<machine>', 'a machine that config/errand.yaml lists with its address, or this one')
    .argument('<command...>', 'the program to run there, and its arguments, each as it is')
    .usage('[options] <machine> [--] <command...>')
    .description(
      'Run a command on another machine over ssh, with input, output and exit status as if it ran here. ' +
        'It begins in the home there. What only a shell understands needs one: sh -c.',
    );
  addQueueOption(command);
  addExamples(command, [
    ['errand exec pi uptime', 'what pi says'],
    ["errand exec pi -- sh -c 'cd queue.git && git fsck'", 'in another folder, with a shell'],
    ['errand exec pi -- tar -C work -cz . > work.tar.gz', 'every byte arrives as it is'],
    ['errand exec pi -- sudo systemctl restart docker', 'asks for the password, as on pi itself'],
  ]);
}

/** Options of errand's own come before the machine; everything after it is the command's. */
export function arrange(args: readonly string[]): { ok: true; args: string[] } {
  const at = args.findIndex((arg, i) => !arg.startsWith('-') && args[i - 1] !== '--queue');
  if (at < 0) return { ok: true, args: [...args] };
  const own = args.slice(0, at).filter((arg) => arg !== '--');
  const words = args.slice(at + 1);
  return { ok: true, args: [...own, '--', args[at] ?? '', ...(words[0] === '--' ? words.slice(1) : words)] };
}

export async function run(io: Io, [machine = '', ...words]: readonly string[], options: QueueOption): Promise<Outcome> {
  if (words[0]?.startsWith('-')) {
    const message = `${JSON.stringify(words[0])} is no program: options of errand stand before the machine`;
    return fail('usage', 'option-after-machine', message, 'See errand exec --help.');
  }
  const connection = await connect(io, options);
  if (!connection.ok) return connection;
  const { queue } = connection;
  const me = connection.machine.machine;
  const { findMachine } = await import('../reach/find-machine.ts');
  // What was last seen will do to begin with: the machine may be reached while the queue is away, and nobody waits for a fetch.
  let place = await findMachine(machine === me ? null : await queue.readLastView(), machine, me);
  if (place.kind === 'unlisted') {
    const seen = await look(queue);
    if (!seen.ok) return seen;
    place = await findMachine(seen.view, machine, me);
    if (place.kind === 'unlisted') {
      const { addSight } = await import('../reach/run-at-address.ts');
      return { ok: false, failure: addSight(place.failure, seen) };
    }
  }
  switch (place.kind) {
    case 'here': {
      const { runHere } = await import('../reach/run-here.ts');
      return runHere(io, words);
    }
    case 'there': {
      const { runAtLastAddress } = await import('../reach/run-at-address.ts');
      if (place.warning !== null) remark(io, place.warning);
      const reached = await runAtLastAddress(io, queue, words, place.target, me);
      return reached.kind === 'failed' ? { ok: false, failure: reached.failure } : { ok: true, exitCode: reached.status };
    }
  }
}
