import { randomBytes } from 'node:crypto';
import type { MachineConfig, ParsedConfig } from '@errand/config';
import { openQueue, type Queue } from '@errand/queue';
import type { Check, CheckContext, ViewLook } from './check.ts';
import { CHECKS } from './checks.ts';
import type { Finding } from './finding.ts';
import { experiment } from './remote/experiment.ts';
import type { RemoteFacts } from './remote/facts.ts';
import { type RunOptions, runChecks } from './run-checks.ts';

export interface ExamineOptions extends RunOptions {
  env: NodeJS.ProcessEnv;
  /** This machine's own file as `loadMachineConfig` read it. */
  config: ParsedConfig<MachineConfig | null>;
  /** Absolute. */
  stateDir: string;
  /** Of errand. */
  version: string;
  /** Ask nothing beyond this machine. */
  offline: boolean;
  /** Ends the examination early; what was made on the remote is removed all the same. */
  signal: AbortSignal;
  /** Default: all. */
  checks?: readonly Check[];
  now?(): number;
}

/** Wall time that git may take, milliseconds. */
const TIMEOUTS = { fetchMs: 20_000, pushMs: 20_000, localMs: 20_000 };

/** Looks at this machine and its queue with every check. Resolves when nothing of it is left on the remote or runs here. */
export async function examine(options: ExamineOptions): Promise<Finding[]> {
  const { env, config, stateDir, version, offline, signal, checks = CHECKS, now = Date.now } = options;
  const machine = config.ok ? config.value : null;
  const connected = machine?.queue ? { ...machine, queue: machine.queue } : null;
  /** One at most. */
  const experiments: Promise<RemoteFacts>[] = [];
  let view: Promise<ViewLook> | null = null;
  let remade: string | null = null;
  // Nothing is read or made before somebody looks.
  const queue: Queue | null =
    connected === null
      ? null
      : openQueue({
          remote: connected.queue,
          branch: connected.branch,
          stateDir,
          env,
          clock: { wallMs: now, elapsedMs: () => performance.now() },
          identity: { name: `errand on ${connected.machine}`, email: `${connected.machine}@errand.invalid` },
          timeouts: TIMEOUTS,
          onEvent: (event) => {
            if (event.type === 'clone re-made') remade = event.reason;
          },
        });
  const context: CheckContext = {
    env,
    version,
    config,
    machine,
    stateDir,
    queueDir: queue?.dir ?? null,
    offline,
    now,
    signal,
    remote: async () => {
      if (connected === null || offline) return null;
      const random = (): string => randomBytes(4).toString('hex');
      if (experiments.length === 0)
        experiments.push(experiment({ remote: connected.queue, branch: connected.branch, env, now, random, signal }));
      return experiments[0] ?? null;
    },
    view: async () => {
      if (queue === null || offline) return null;
      view ??= takeLook(queue);
      return view;
    },
  };

  async function takeLook(from: Queue): Promise<ViewLook> {
    const read = await from.readView();
    return read.ok ? { ok: true, view: read.view, queue: from, remade } : { ok: false, message: read.cause.message };
  }

  try {
    return await runChecks(checks, context, options);
  } finally {
    // A check that was given up leaves its experiment behind; it ends by its own limits, and cleans up.
    await Promise.allSettled(experiments);
    await queue?.close();
  }
}
