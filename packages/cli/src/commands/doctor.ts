import type { Command } from 'commander';
import { addExamples, addJsonOption, addQueueOption, type Io, type Outcome, type QueueOption } from '../command.ts';
import { renderFindings } from '../doctor/render-findings.ts';
import { fail } from '../failure.ts';
import { Interruption } from '../follow/interruption.ts';
import { readVersion } from '../version.ts';

interface DoctorOptions extends QueueOption {
  fix?: true;
  offline?: true;
  verbose?: true;
  json?: true;
}

export function define(command: Command): void {
  command
    .description('Look at this machine, its queue and its service: what is wrong, why, and what repairs it.')
    .option('--fix', 'repair what is safe to repair, and say what was done')
    .option('--offline', 'look at this machine only: no remote, no login, no ntfy')
    .option('-v, --verbose', 'also a line for everything that is in order');
  addJsonOption(addQueueOption(command));
  addExamples(command, [
    ['errand doctor', 'looks, and changes nothing'],
    ['errand doctor --fix', 'also repairs what it may'],
    ['errand doctor --offline', 'only this machine'],
    ['errand doctor --json | jq \'.findings[] | select(.state == "fault")\'', 'for programs'],
  ]);
}

export async function run(io: Io, _args: readonly string[], options: DoctorOptions): Promise<Outcome> {
  const { loadMachineConfig, stateDir } = await import('@errand/config');
  const { examine, NOT_LOOKED } = await import('@errand/doctor');
  const config = await loadMachineConfig(io.env, options.queue === undefined ? {} : { queue: options.queue });
  const interruption = new Interruption();
  const draws = io.terminal && !options.json;
  const findings = await examine({
    env: io.env,
    config,
    stateDir: stateDir(io.env),
    version: readVersion(),
    offline: options.offline ?? false,
    fix: options.fix ?? false,
    signal: interruption.signal,
    onChecking: (name) => {
      if (draws) io.note(`\r\u001b[Klooking at ${name} …`);
    },
  });
  if (draws) io.note('\r\u001b[K');
  interruption.close();
  if (interruption.status !== null) return { ok: true, exitCode: interruption.status };
  if (findings.every(({ what }) => what === NOT_LOOKED)) {
    const why = findings[0]?.why ?? 'no check was run';
    return fail('environment', 'not-looked', `nothing could be looked at: ${why}`, 'Install errand anew: scripts/install.');
  }
  const isWell = !findings.some(({ state, fixed }) => state === 'fault' && !fixed);
  const style = { colour: io.colour, columns: io.columns, verbose: options.verbose ?? false, fix: options.fix ?? false };
  if (options.json) io.out(`${JSON.stringify({ schema: 1, ok: isWell, findings }, null, 2)}\n`);
  else io.out(renderFindings(findings, style));
  return isWell ? { ok: true } : { ok: true, exitCode: 1 };
}
