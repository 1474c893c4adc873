import type { ProcessIdentity } from './process-table.ts';

/** How an attempt is contained, strongest first. */
export type ContainmentKind = 'cgroup' | 'pidns' | 'tree';

/** The processes of one attempt: frozen, thawed and ended as one. Calls may overlap; they are carried out in order. */
export interface Unit {
  id: string;
  kind: ContainmentKind;
  /** Stops every member from running, until `thaw`. Does nothing once the unit is being ended. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /**
   * TERM to every member, at most `graceMs` for them to go, then KILL until none is left. Never rejects.
   * A later call joins the first and can only shorten its grace. `mainEnded`: those left are told again, each second.
   */
  end(graceMs: number, options?: { onKill?: () => void; mainEnded?: boolean }): Promise<UnitEnd>;
  /** Process ids of the members that live now. */
  members(): Promise<number[]>;
  /** What the next boot, or the guard, needs to find and end what is left. */
  describe(): UnitRef;
}

/** Members that KILL did not remove within 30 s (uninterruptible in the kernel, or not ours to signal). Usually none. */
export interface UnitEnd {
  left: number[];
}

/** A unit as plain JSON. `machineBoot` tells a process id of this boot of the machine from one of an earlier boot. */
export type UnitRef =
  | { kind: 'cgroup'; id: string; machineBoot: string; path: string }
  | { kind: 'pidns'; id: string; machineBoot: string; outer: ProcessIdentity; init?: ProcessIdentity }
  | { kind: 'tree'; id: string; machineBoot: string; root: ProcessIdentity; members: ProcessIdentity[] };

/** What each kind of containment knows to do to its members; `createUnit` makes a unit of it. Nothing here throws. */
export interface Grip {
  kind: ContainmentKind;
  id: string;
  /** Looks at the processes again, so that those which detach themselves stay known. */
  refresh(): void;
  members(): ProcessIdentity[];
  isEmpty(): boolean;
  kill(): void;
  freeze(): Promise<void>;
  thaw(): void;
  /** Removes what the unit itself left behind, once it is empty. */
  release(): void;
  describe(): UnitRef;
}
