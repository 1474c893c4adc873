import type { Readable } from 'node:stream';
import type { AgentCommand } from '@errand/agents';
import { execa } from 'execa';
import type { Containment } from '../containment/containment.ts';
import type { Unit } from '../containment/unit.ts';
import { findProgram } from '../find-program.ts';

export interface SpawnOptions {
  command: AgentCommand;
  env: { readonly [name: string]: string };
  cwd: string;
  containment: Containment;
  id: string;
  /** Called once, as early as the unit can be named. */
  announce: (unit: Unit) => void;
}

export type Spawned =
  | {
      ok: true;
      unit: Unit;
      stdout: Readable;
      stderr: Readable;
      exited: Promise<{ exitCode: number | null; signal: string | null }>;
      /** Settles once the containment was entered (true), or the process ended without (false). */
      begun: Promise<boolean>;
    }
  | { ok: false; reason: Promise<string> };

/** Spawns a command in a new unit: argv as it is, no shell of ours around its words, its text on standard input and that closed. */
export function spawnContained({ command, env, cwd, containment, id, announce }: SpawnOptions): Spawned {
  const [name, ...args] = command.argv;
  const program = findProgram(name, env.PATH ?? '', cwd);
  if (!program.ok) return { ok: false, reason: Promise.resolve(program.reason) };
  const preparation = containment.prepare(id);
  if (!preparation.ok) return { ok: false, reason: Promise.resolve(preparation.reason) };
  const { place } = preparation;
  if (place.unit !== null) announce(place.unit);

  const [file, ...wrapped] = place.wrap(program.path, args);
  const child = execa(file, wrapped, {
    cwd,
    env: { ...env, ...place.wrapperEnv },
    extendEnv: false,
    // A session of its own: Ctrl-C in the worker's terminal is the worker's to answer.
    detached: true,
    cleanup: false,
    buffer: false,
    reject: false,
    stdio: ['pipe', 'pipe', 'pipe', ...(place.announces ? (['pipe'] as const) : [])],
  });
  const { stdin, stdout, stderr } = child;
  if (child.pid === undefined || stdin === null || stdout === null || stderr === null) {
    return { ok: false, reason: explainFailure(child, place.unit) };
  }
  const unit = place.adopt(child.pid);
  if (place.unit === null) announce(unit);

  // A command need not read its standard input.
  stdin.on('error', () => {});
  stdin.end(command.stdin);
  const exited = new Promise<{ exitCode: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  const begun = place.announces ? hearAnnouncement(child.stdio[3] as Readable) : Promise.resolve(true);
  return { ok: true, unit, stdout, stderr, exited, begun };
}

async function explainFailure(child: PromiseLike<{ originalMessage?: string | undefined }>, unit: Unit | null): Promise<string> {
  const { originalMessage } = await child;
  await unit?.end(0);
  return originalMessage ?? 'the process could not be started';
}

function hearAnnouncement(stream: Readable): Promise<boolean> {
  return new Promise((resolve) => {
    stream.on('error', () => resolve(false));
    stream.once('data', () => resolve(true));
    stream.once('close', () => resolve(false));
  });
}
