import type { MachineLine } from '../machines/describe-machines.ts';
import { describeAbsence, describePauses } from '../machines/machine-words.ts';
import type { painter } from '../table.ts';
import type { Entry } from './entry.ts';

/** Machines as entries. A version is said only where they differ. */
export function machineEntries(machines: readonly MachineLine[], paint: ReturnType<typeof painter>, nowMs: number): Entry[] {
  const versions = new Set(machines.flatMap(({ version }) => version ?? []));
  return machines.map((machine) => ({
    cells: [
      { text: machine.name },
      machine.online
        ? { text: 'online', paint: (text) => paint('green', text) }
        : { text: 'offline', paint: (text) => paint('dim', text) },
      { text: machine.online ? `${machine.running.length}/${machine.slots}` : '' },
    ],
    // What is paused there comes first: it must not be cut.
    details: [
      ...describePauses(machine, nowMs),
      describeAbsence(machine, nowMs),
      versions.size > 1 && machine.version !== null ? `errand ${machine.version}` : '',
      machine.capabilities.map((name) => `+${name}`).join(' '),
    ],
  }));
}
