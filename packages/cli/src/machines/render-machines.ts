import { count, spellAge } from '../spell.ts';
import { oneLine, painter } from '../table.ts';
import { wrapText } from '../wrap-text.ts';
import type { Presence } from './describe-machines.ts';
import { describeAbsence, describePauses } from './machine-words.ts';
import type { MachineEntry, MachinesReport } from './machines-report.ts';

/** How the report is shown. */
export interface MachinesLook {
  colour: boolean;
  columns: number;
  /** Wall clock, milliseconds. */
  now: number;
}

const STYLES = {
  online: 'green',
  silent: 'red',
  stopped: 'dim',
  'given-up': 'red',
  unseen: 'dim',
  unreadable: 'yellow',
} as const;

/** The machines for people: a paragraph each, no line wider than the terminal. */
export function renderMachines(report: MachinesReport, { colour, columns, now }: MachinesLook): string {
  const paint = painter(colour);
  const parts: string[] = [];
  const say = (text: string, indent: number, style?: 'bold' | 'dim' | 'yellow' | (typeof STYLES)[Presence]): void => {
    const lines = wrapText(oneLine(text), columns, { first: ' '.repeat(indent), next: ' '.repeat(indent + 2) });
    for (const line of lines) parts.push(`${style ? paint(style, line) : line}\n`);
  };
  if (report.away) {
    const since = report.away.seen_at === null ? '' : `, as of ${spellAge(report.away.seen_at, now)} ago`;
    say(`The remote is away${since}: ${report.away.message}`, 0, 'yellow');
  }
  if (report.machines.length === 0) {
    say(`No machine has been seen in ${report.queue}, and config/errand.yaml lists none.`, 0);
    say('errand worker starts one here; errand machines discover finds those on your tailnet.', 0);
  }
  for (const machine of report.machines) {
    say(`${machine.name}${machine.here ? ' (this machine)' : ''}`, 0, 'bold');
    say(describePresence(machine, now), 2, STYLES[machine.presence]);
    for (const pause of describePauses(machine, now)) say(pause, 2, 'yellow');
    if (machine.running.length > 0) say(`runs ${machine.running.join(', ')}`, 2);
    const equipment = describeEquipment(machine);
    if (equipment !== '') say(equipment, 2);
    say(describeAddress(machine), 2, 'dim');
  }
  for (const { message, hint } of report.remarks) {
    parts.push('\n');
    say(message, 0, 'yellow');
    say(hint, 2);
  }
  return parts.join('');
}

function describePresence(machine: MachineEntry, now: number): string {
  const { presence, worker, running, slots, seen_at: seen } = machine;
  switch (presence) {
    case 'online': {
      const age = seen === null ? '' : `, seen ${spellAge(seen, now)} ago`;
      return `online, ${running.length} of ${count(slots, 'slot')} in use${age}`;
    }
    case 'silent':
      return `offline, ${describeAbsence(machine, now)}`;
    case 'unseen':
      return worker ? describeAbsence(machine, now) : 'files tasks, runs none';
    case 'stopped':
    case 'given-up':
    case 'unreadable':
      return describeAbsence(machine, now);
  }
}

function describeEquipment({ version, agents, capabilities }: MachineEntry): string {
  return [
    ...(version === null ? [] : [`errand ${version}`]),
    ...agents.map((agent) => [agent.name, agent.version].filter(Boolean).join(' ')),
    ...capabilities.map((name) => `+${name}`),
  ].join(', ');
}

function describeAddress({ name, here, listed, address, user, port }: MachineEntry): string {
  if (address !== null) return `${user === null ? '' : `${user}@`}${address}${port === null ? '' : `, port ${port}`}`;
  if (here) return 'no address needed from here';
  return listed
    ? `no address: machines.${name}.address in config/errand.yaml`
    : 'not listed in config/errand.yaml, so without an address';
}
