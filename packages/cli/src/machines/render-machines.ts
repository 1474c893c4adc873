import { hidePassword } from '../remote-failure.ts';
import { oneLine, painter } from '../table.ts';
import type { MachineEntry, MachinesReport, Presence } from './machines-report.ts';
import { spellAge, wrapText } from './wrap-text.ts';

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
    for (const line of wrapText(oneLine(text), columns, indent)) parts.push(`${style ? paint(style, line) : line}\n`);
  };
  if (report.away) {
    const since = report.away.seen_at === null ? '' : `, as of ${spellAge(report.away.seen_at, now)} ago`;
    say(`The remote is away${since}: ${report.away.message}`, 0, 'yellow');
  }
  if (report.machines.length === 0) {
    say(`No machine has been seen in ${hidePassword(report.queue)}, and config/errand.yaml lists none.`, 0);
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

function describePresence({ presence, worker, running, slots, seen_at: seen }: MachineEntry, now: number): string {
  const age = seen === null ? '' : spellAge(seen, now);
  switch (presence) {
    case 'online':
      return `online, ${running.length} of ${slots} ${slots === 1 ? 'slot' : 'slots'} in use, seen ${age} ago`;
    case 'silent':
      return `offline without a word since ${age} ago`;
    case 'stopped':
      return `stopped ${age} ago`;
    case 'given-up':
      return `given up ${age} ago: it went silent, and others took over what it ran`;
    case 'unseen':
      return worker ? 'never seen: errand worker was not started there yet' : 'files tasks, runs none';
    case 'unreadable':
      return 'its heartbeat cannot be read here';
  }
}

/** `claude limited until 14:05 UTC (five_hour limit)`; another day than today has its date. */
function describePauses({ agents }: MachineEntry, now: number): string[] {
  return agents.flatMap(({ name, paused_until: until, reason }) => {
    if (until === null) return [];
    const time = new Date(until).toISOString();
    const isToday = time.slice(0, 10) === new Date(now).toISOString().slice(0, 10);
    const verb = reason !== null && /limit/i.test(reason) ? 'limited' : 'paused';
    const when = isToday ? time.slice(11, 16) : time.slice(0, 16).replace('T', ' ');
    return [`${name} ${verb} until ${when} UTC${reason === null ? '' : ` (${reason})`}`];
  });
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
