import type { painter } from '../table.ts';
import type { Entry } from './entry.ts';
import type { AgentLine, MachineLine } from './machine-lines.ts';
import { spellAge, spellMoment } from './spell.ts';

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
      ...machine.agents.flatMap((agent) => describePause(agent, nowMs) ?? []),
      describeSilence(machine, nowMs),
      versions.size > 1 && machine.version !== null ? `errand ${machine.version}` : '',
      machine.capabilities.map((name) => `+${name}`).join(' '),
    ],
  }));
}

function describeSilence({ state, heard_at: heardAt }: MachineLine, nowMs: number): string {
  const ago = heardAt === null ? '' : `${spellAge(heardAt, nowMs)} ago, at ${spellMoment(heardAt, nowMs)}`;
  switch (state) {
    case 'running':
      return '';
    case 'silent':
      return `last heard of ${ago}`;
    case 'stopped':
      return `stopped ${ago}`;
    case 'lost':
      return `fell silent; its tasks were freed ${ago}`;
    case 'never':
      return 'never heard of: start errand worker there';
  }
}

/** `claude limited until 14:05 UTC (five_hour limit)` */
function describePause({ name, paused_until: until, reason }: AgentLine, nowMs: number): string | null {
  if (until === null) return null;
  const verb = reason !== null && /limit/i.test(reason) ? 'limited' : 'paused';
  return `${name} ${verb} until ${spellMoment(until, nowMs)}${reason === null ? '' : ` (${reason})`}`;
}
