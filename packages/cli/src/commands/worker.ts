import type { MachineConfig } from '@errand/config';
import type { Command } from 'commander';
import { addExamples, addJsonOption, addQueueOption, type Io, type Outcome, type QueueOption } from '../command.ts';
import { loadConfig } from '../connect.ts';
import { describeProblem, fail } from '../failure.ts';
import type { ServiceTeller } from '../tell-service.ts';
import { readVersion } from '../version.ts';
import { describeEvent } from '../worker-lines.ts';

interface WorkerOptions extends QueueOption {
  once?: true;
  json?: true;
  verbose?: true;
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export function define(command: Command): void {
  command
    .option('--once', 'end when nothing is left to do now; waits for no backoff, time or other worker')
    .option('-v, --verbose', 'also tell of polls, pushes and what the agents print');
  addJsonOption(addQueueOption(command));
  addExamples(command, [
    ['errand worker', 'works until it is stopped with Ctrl-C or SIGTERM'],
    ['errand worker --once', 'does what can be done now, and ends'],
    ['errand worker --json', 'every event as a line of JSON'],
  ]);
}

export async function run(io: Io, _args: readonly string[], options: WorkerOptions): Promise<Outcome> {
  // Work goes on when nobody reads what it says any more.
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error').on('error', () => {});
  const config = await loadConfig(io, options);
  if (!config.ok) return config;
  for (const warning of config.warnings) io.note(`warning: ${describeProblem(warning)}`);
  if (config.machine.policy.agents.length === 0) {
    io.note(
      `warning: this machine allows no agent, so it runs no task: see policy.agents in ${config.machine.path ?? 'its configuration'}\n`,
    );
  }
  const service = await openService(io, config.machine);
  const { startWorker } = await import('@errand/worker');
  // The journal has the time of every line.
  const isJournal = io.env.JOURNAL_STREAM !== undefined && !io.terminal;
  let away: string | null = null;
  const started = await startWorker({
    machine: config.machine,
    stateDir: config.stateDir,
    version: readVersion(),
    once: options.once ?? false,
    env: io.env,
    emit: (event) => {
      service?.hear(event);
      const at = new Date().toISOString();
      if (options.json) return io.out(`${JSON.stringify({ at, ...event })}\n`);
      // The same trouble is told once, not at every try.
      if (event.type === 'poll-failed' && event.cause === away && !options.verbose) return;
      if (event.type === 'poll-failed') away = event.cause;
      else if (event.type === 'polled') away = null;
      const line = describeEvent(event, options.verbose ?? false);
      if (line !== null) io.out(isJournal ? `${line}\n` : `${at.slice(11, 19)} ${line}\n`);
    },
  });
  if (!started.ok) return fail(started.code, 'worker-not-started', started.message, started.hint);
  const stop = (): void => started.worker.stop();
  // A terminal that closes is somebody who leaves, not a crash.
  for (const signal of SIGNALS) process.on(signal, stop);
  const exit = await started.run();
  for (const signal of SIGNALS) process.off(signal, stop);
  switch (exit) {
    case 'asked':
    case 'nothing-left':
      return { ok: true };
    case 'remote-away':
      return fail(
        'environment',
        'remote-away',
        'the queue did not answer for a minute',
        'Check the network and the address of the queue.',
      );
    case 'not-let-in':
      return fail(
        'environment',
        'remote-refused',
        `the queue does not let this machine in: ${away ?? 'it did not say why'}`,
        'Check the password or the ssh key of this machine, and that it knows the key of the server.',
      );
    case 'refused':
      return fail(
        'environment',
        'push-refused',
        'the server does not take what this worker pushes, so it can claim nothing',
        'Give this machine the right to push to the branch and to refs/errand/.',
      );
    case 'twin':
      return fail(
        'environment',
        'twin',
        `another worker uses the name ${config.machine.machine}`,
        'Stop it, or give this machine another name in its configuration.',
      );
  }
}

/** The service manager that waits for this worker's word; null where none does. */
async function openService({ env, note }: Io, { grace_ms }: MachineConfig): Promise<ServiceTeller | null> {
  if (env.NOTIFY_SOCKET === undefined) return null;
  const [{ openVoice }, { LAST_PUSHES_MS }, { ServiceTeller }] = await Promise.all([
    import('@errand/service'),
    import('@errand/config'),
    import('../tell-service.ts'),
  ]);
  const voice = openVoice(env, (why) =>
    note(
      `warning: systemd cannot be told that this worker runs, and will end it for that: ${why}\n  It is systemd-notify that tells it; install what is missing, then errand service restart\n`,
    ),
  );
  return voice === null ? null : new ServiceTeller(voice, grace_ms.killMs + LAST_PUSHES_MS);
}
