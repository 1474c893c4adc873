import type { ContainmentKind, Unit } from './unit.ts';

/** One kind of containment that was tried on this machine and works. */
export interface Containment {
  kind: ContainmentKind;
  /** For people, one line: what it holds and what it does not. */
  description: string;
  /** Why stronger kinds are not used here. */
  notAvailable: { kind: ContainmentKind; reason: string }[];
  /** Gets a place ready for one command; `id` names it and must be unique. Fast: no process is started. */
  prepare(id: string): Preparation;
}

export type Preparation = { ok: true; place: Place } | { ok: false; reason: string };

/** Where one command will run. */
export interface Place {
  /** The argv to spawn, in a session of its own, so that `program` runs contained from its first instruction. */
  wrap(program: string, args: readonly string[]): [string, ...string[]];
  /** What the wrapper needs in its environment; it takes this out again before the command. */
  wrapperEnv: { readonly [name: string]: string };
  /** The wrapper writes `go` to file descriptor 3 just before the command starts. */
  announces: boolean;
  /** The unit, where it exists before its first process. */
  unit: Unit | null;
  /** The unit of the process just spawned. */
  adopt(pid: number): Unit;
}
