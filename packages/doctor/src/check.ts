import type { MachineConfig, ParsedConfig } from '@errand/config';
import type { View } from '@errand/planner';
import type { Queue } from '@errand/queue';
import type { Found } from './finding.ts';
import type { RemoteFacts } from './remote/facts.ts';

/** One thing that `errand doctor` looks at. */
export interface Check {
  /** Kebab-case, stable: programs may rely on it. */
  name: string;
  /** How long it may take, milliseconds. */
  limitMs: number;
  /** Looks and changes nothing; what may be repaired comes as a repair. An empty list: there was nothing to look at. */
  look(context: CheckContext): Promise<readonly Found[]>;
}

/** What the queue showed to a look with the private clone of this machine. */
export type ViewLook =
  | { ok: true; view: View; queue: Queue /** Why the clone was made anew by this look. */; remade: string | null }
  | { ok: false; message: string };

/** What every check may know. */
export interface CheckContext {
  env: NodeJS.ProcessEnv;
  /** Version of errand that runs here. */
  version: string;
  /** This machine's own file as it was read. */
  config: ParsedConfig<MachineConfig | null>;
  /** Null where the file is not valid, or there is none and no queue was named. */
  machine: MachineConfig | null;
  /** Absolute. */
  stateDir: string;
  /** Folder of the queue within the state directory; null where no queue is named. */
  queueDir: string | null;
  /** Nothing beyond this machine is asked. */
  offline: boolean;
  /** Wall clock, milliseconds. */
  now(): number;
  /** Aborted when somebody ends the command, or this check has used up its time. */
  signal: AbortSignal;
  /** What the remote does with real pushes, found out once; null where no queue is named, or offline. */
  remote(): Promise<RemoteFacts | null>;
  /** A look at the queue, taken once; null where no queue is named, or offline. */
  view(): Promise<ViewLook | null>;
}
