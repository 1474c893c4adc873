import type { ListedMachine } from '@errand/config';
import type { Queue } from '@errand/queue';
import type { Look } from '../look.ts';
import { hidePassword } from '../remote-failure.ts';
import { describeMachines, type MachineLine } from './describe-machines.ts';
import { findRemarks, type Remark } from './find-remarks.ts';

/** A machine, and how to get there from here. */
export interface MachineEntry extends MachineLine {
  /** It is the machine that looks. */
  here: boolean;
  listed: boolean;
  /** False where the queue's file says that it runs no tasks. */
  worker: boolean;
  address: string | null;
  user: string | null;
  port: number | null;
}

/** What `errand machines --json` prints. */
export interface MachinesReport {
  schema: 1;
  queue: string;
  machines: MachineEntry[];
  /** What a person should look at. */
  remarks: Remark[];
  /** Why this is not the queue as it is now but as it was last seen; null where it is. */
  away: { message: string; seen_at: string | null } | null;
}

/** Works the report out of what could be seen. `me` is this machine's name. */
export async function reportMachines(queue: Queue, { view, away, seenAt }: Look, me: string): Promise<MachinesReport> {
  const { parseQueueConfig } = await import('@errand/config');
  const { readWorkerMemory } = await import('@errand/queue');
  const parsed = parseQueueConfig('config/errand.yaml', view.config?.text ?? '');
  const listed = parsed.ok ? parsed.value.machines : {};
  const lines = await describeMachines(view, listed, Date.now());
  const machines = lines.map((line) => addListing(line, Object.hasOwn(listed, line.name) ? listed[line.name] : undefined, me));
  return {
    schema: 1,
    queue: hidePassword(queue.remote),
    machines,
    remarks: findRemarks({
      machines,
      me,
      mine: await readWorkerMemory(queue.dir),
      heartbeats: view.workers,
      unreadable: view.unreadable,
      configProblems: parsed.ok ? [] : parsed.problems,
    }),
    away: away && { message: away.message, seen_at: seenAt === null ? null : new Date(seenAt).toISOString() },
  };
}

function addListing({ name, ...line }: MachineLine, entry: ListedMachine | undefined, me: string): MachineEntry {
  return {
    name,
    here: name === me,
    listed: entry !== undefined,
    worker: entry?.worker ?? true,
    ...line,
    address: entry?.address ?? null,
    user: entry?.user ?? null,
    port: entry?.port ?? null,
  };
}
