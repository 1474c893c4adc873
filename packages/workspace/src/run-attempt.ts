import type { Readable } from 'node:stream';
import type { AgentCommand, AgentEvent, AgentProgress, ProcessEnd } from '@errand/agents';
import type { Clock } from '@errand/planner';
import type { Containment } from './containment/containment.ts';
import type { Unit, UnitRef } from './containment/unit.ts';
import type { Workspace } from './directory.ts';
import { machineClock } from './elapsed-time.ts';
import { buildEnvironment, type HostEnvironment, readHostEnvironment } from './environment.ts';
import type { Guard } from './guard/guard.ts';
import { AttemptOutput } from './run/attempt-output.ts';
import { RunClock } from './run/run-clock.ts';
import { spawnContained } from './run/spawn-contained.ts';

export type StopCause = NonNullable<ProcessEnd['endedBy']>;

export interface AttemptOptions {
  command: AgentCommand;
  workspace: Workspace;
  containment: Containment;
  /** Names the unit; unique on this machine, `[A-Za-z0-9-]`. */
  nonce: string;
  /** Time to run and time without output, frozen time left out; `idleMs: null` for no limit. */
  wallMs: number;
  idleMs: number | null;
  /** From TERM to KILL. */
  killGraceMs: number;
  /** Kept of each stream, and told on as events. */
  outputCapBytes: number;
  onEvent: (event: AgentEvent) => void;
  /** Standard output as it comes, uncapped and in whole characters; what it means is told as an event too. */
  hear?: (text: string) => readonly AgentProgress[];
  /** What the journal needs to end the unit after a crash. Called before the command runs where the unit exists before it (cgroup), else at its start. */
  onUnit?: (ref: UnitRef) => void;
  /** Watches the unit for as long as it lives. `freezeable`: others may run the task. */
  guard?: Guard;
  freezeable?: boolean;
  host?: HostEnvironment;
  clock?: Clock;
}

/** An attempt under way; it is under way until `ended` resolves. */
export interface RunningAttempt {
  /** Null where it could not start. */
  unit: Unit | null;
  /** Never rejects. Nothing of the attempt runs any more when it resolves, unless `left` says so. */
  ended: Promise<ProcessEnd>;
  /** Ends it whole; the first cause is the one reported. A later call with a smaller `graceMs` shortens the grace. */
  stop(why: StopCause, graceMs?: number): void;
  freeze(why: string): Promise<void>;
  thaw(why: string): Promise<void>;
  /** Milliseconds in which it could work, so far: the time in which it was frozen, or the machine slept, left out. */
  workedMs(): number;
}

/** Somebody who escaped may hold the pipes open for ever; nobody who did not escape is left at this point. */
const DRAIN_QUIET_MS = 1_000;

/** Runs one command contained, with its clocks and its output cap, and ends everything that it started. */
export function runAttempt(options: AttemptOptions): RunningAttempt {
  const { command, workspace, onEvent, killGraceMs, nonce, guard } = options;
  const clock = options.clock ?? machineClock;
  const at = (): string => new Date(clock.wallMs()).toISOString();
  const announce = (unit: Unit): void => {
    options.onUnit?.(unit.describe());
    guard?.watch(unit, {
      freezeable: options.freezeable ?? true,
      onFrozen: () => void freeze('the worker was silent for too long'),
    });
  };

  const env = buildEnvironment(options.host ?? readHostEnvironment(), workspace, command.env);
  const spawned = spawnContained({ command, env, cwd: workspace.cwd, containment: options.containment, id: nonce, announce });
  if (!spawned.ok) {
    guard?.unwatch(nonce);
    return couldNotStart(spawned.reason);
  }
  const { unit } = spawned;

  const runClock = new RunClock(options, clock.elapsedMs());
  let endedBy: StopCause | null = null;
  let ending: Promise<number[]> | null = null;
  let frozen = false;
  let timer: NodeJS.Timeout | undefined;
  /** Resolves when members are left that even KILL does not end: then nobody waits for them any longer. */
  let giveUp = (): void => {};
  const stuck = new Promise<void>((resolve) => {
    giveUp = resolve;
  });

  const listen = (name: 'stdout' | 'stderr', stream: Readable): AttemptOutput =>
    new AttemptOutput(stream, options.outputCapBytes, {
      text: (text) => onEvent({ type: 'output', at: at(), stream: name, text }),
      capped: () => onEvent({ type: 'output-capped', at: at(), limitBytes: options.outputCapBytes }),
      heard: (text) => {
        runClock.noteOutput(clock.elapsedMs());
        if (name !== 'stdout' || !options.hear) return;
        for (const progress of options.hear(text)) onEvent({ at: at(), ...progress });
      },
    });
  onEvent({ type: 'started', at: at(), argv: command.argv, containment: unit.kind });
  const stdout = listen('stdout', spawned.stdout);
  const stderr = listen('stderr', spawned.stderr);

  const endUnit = (graceMs: number, mainEnded = false): Promise<number[]> => {
    clearTimeout(timer);
    const onKill = (): void => {
      if (endedBy !== null) onEvent({ type: 'stopping', at: at(), why: endedBy, signal: 'SIGKILL' });
    };
    const done = unit.end(graceMs, { onKill, mainEnded });
    ending ??= done.then(({ left }) => {
      if (left.length > 0) giveUp();
      return left;
    });
    return ending;
  };

  const stop = (why: StopCause, graceMs = killGraceMs): void => {
    if (endedBy === null && ending === null) {
      endedBy = why;
      onEvent({ type: 'stopping', at: at(), why, signal: graceMs > 0 ? 'SIGTERM' : 'SIGKILL' });
    }
    void endUnit(graceMs);
  };

  const watchClock = (): void => {
    if (ending !== null) return;
    // A tree is only as well known as it was looked at.
    if (unit.kind === 'tree') void unit.members();
    const verdict = runClock.look(clock.elapsedMs());
    if (verdict.over) stop(verdict.why);
    else timer = setTimeout(watchClock, verdict.lookInMs);
  };
  watchClock();

  const freeze = async (why: string): Promise<void> => {
    if (frozen || ending !== null) return;
    frozen = true;
    runClock.freeze(clock.elapsedMs());
    onEvent({ type: 'frozen', at: at(), why });
    await unit.freeze();
  };

  const thaw = async (why: string): Promise<void> => {
    if (ending !== null) return;
    // Also where this side knows of no freeze: the guard's word of one may still be under way.
    await unit.thaw();
    if (!frozen) return;
    frozen = false;
    runClock.thaw(clock.elapsedMs());
    onEvent({ type: 'thawed', at: at(), why });
  };

  const finish = async (): Promise<ProcessEnd> => {
    const exit = await Promise.race([spawned.exited, stuck.then(() => ({ exitCode: null, signal: null }))]);
    onEvent({ type: 'exited', at: at(), exitCode: exit.exitCode, signal: exit.signal });
    const left = await endUnit(killGraceMs, true);
    await Promise.all([stdout.drain(DRAIN_QUIET_MS), stderr.drain(DRAIN_QUIET_MS)]);
    guard?.unwatch(nonce);
    const begun = await Promise.race([spawned.begun, stuck.then(() => true)]);
    // What cannot be entered says so; who says nothing was killed on the way in, as the command can be a moment later.
    const complaint = begun ? '' : stderr.text().trim();
    const spawnError = endedBy === null && complaint !== '' ? `cannot enter its ${unit.kind}: ${complaint}` : undefined;
    return {
      ...exit,
      endedBy,
      stdout: stdout.text(),
      stderr: stderr.text(),
      capped: stdout.capped || stderr.capped,
      ...(spawnError === undefined ? {} : { spawnError }),
      ...(left.length === 0 ? {} : { left }),
    };
  };

  return { unit, ended: finish(), stop, freeze, thaw, workedMs: () => runClock.spentMs(clock.elapsedMs()) };
}

function couldNotStart(reason: Promise<string>): RunningAttempt {
  const nothing = { exitCode: null, signal: null, endedBy: null, stdout: '', stderr: '', capped: false };
  const ended = reason.then((spawnError) => ({ ...nothing, spawnError }));
  return { unit: null, ended, stop() {}, freeze: async () => {}, thaw: async () => {}, workedMs: () => 0 };
}
