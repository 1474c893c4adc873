import { isAlive } from '../rig/processes.ts';
import type { Fleet } from './fleet.ts';
import type { Machine } from './machine.ts';
import type { OurProcess, Role } from './process-table.ts';

/** Strikes one victim; false where there is none at the moment. */
type Strike = (fleet: Fleet) => boolean | Promise<boolean>;

const kill = (role: Role): Strike => {
  return (fleet) => {
    const victim = fleet.pickProcess(role);
    return victim !== undefined && send(victim, 'SIGKILL');
  };
};

/** Every tenth process is stopped for so long, whatever it is. */
const LONG_STOP_MS = 5_000;

const stop = (role: Role, leastMs: number, mostMs: number): Strike => {
  return (fleet) => {
    const victim = fleet.pickProcess(role);
    if (victim === undefined || victim.isStill || !send(victim, 'SIGSTOP')) return false;
    fleet.later.after(
      fleet.dice.chance(0.1) ? LONG_STOP_MS : between(fleet, leastMs, mostMs),
      () => void send(victim, 'SIGCONT'),
    );
    return true;
  };
};

/**
 * What strikes, and how often in comparison. Most of it only delays; if each push were broken off, nothing would ever be in a state that
 * is worth breaking.
 */
export const STRIKES = {
  'worker killed': [2.5, killWorker],
  'worker stopped': [4, stopWorker],
  'guard killed': [1.5, kill('guard')],
  'git of a worker killed': [8, kill('git')],
  'git of a worker stopped': [20, stop('git', 100, 1_000)],
  'agent killed': [4, kill('agent')],
  'agent stopped': [10, stop('agent', 100, 3_000)],
  'git of the server killed': [4, kill('server-git')],
  'git of the server stopped': [8, stop('server-git', 100, 800)],
  'ssh server killed': [0.7, (fleet) => fleet.restartSsh()],
  'http server killed': [0.7, (fleet) => fleet.restartHttp()],
  'ntfy killed': [2, (fleet) => fleet.restartNtfy()],
  'link swallows': [1.5, swallow],
  'link reset': [2, onLink((machine) => machine.options.link.reset())],
  'link loses answers': [2, onLink((machine, fleet) => machine.options.link.deafen(between(fleet, 100, 1_500)))],
  'link slow': [5, slowDown],
  'answer lost after a push was applied': [3, loseAnswer],
} as const satisfies { [name: string]: readonly [number, Strike] };

export type StrikeName = keyof typeof STRIKES;

/** Lets chance choose until something has been struck; says what. */
export async function strikeOnce(fleet: Fleet): Promise<StrikeName> {
  const entries = Object.entries(STRIKES) as [StrikeName, readonly [number, Strike]][];
  const sum = entries.reduce((total, [, [weight]]) => total + weight, 0);
  for (;;) {
    let at = fleet.dice.next() * sum;
    for (const [name, [weight, strike]] of entries) {
      at -= weight;
      if (at >= 0) continue;
      if (await strike(fleet)) return name;
      break;
    }
  }
}

async function killWorker(fleet: Fleet): Promise<boolean> {
  const machine = fleet.pickMachine(({ pid }) => pid !== null);
  if (machine === undefined) return false;
  fleet.orphans.lose(machine.name, 'died');
  fleet.later.after(between(fleet, 100, 1_500), () => machine.start());
  await machine.kill();
  return true;
}

/** Every third for longer than its lease. */
function stopWorker(fleet: Fleet): boolean {
  const machine = fleet.pickMachine(({ name, pid }) => pid !== null && !fleet.stopped.has(name));
  const victim = fleet.processes().find(({ pid, role }) => role === 'worker' && pid === machine?.pid);
  if (machine === undefined || victim === undefined || !send(victim, 'SIGSTOP')) return false;
  const { ttlMs } = fleet;
  const isLong = fleet.dice.chance(1 / 3);
  fleet.orphans.lose(machine.name, 'stopped');
  fleet.stopped.add(machine.name);
  fleet.later.after(isLong ? between(fleet, ttlMs, 2.5 * ttlMs) : between(fleet, 100, 2_000), () => {
    fleet.stopped.delete(machine.name);
    send(victim, 'SIGCONT');
  });
  return true;
}

function onLink(act: (machine: Machine, fleet: Fleet) => void): Strike {
  return (fleet) => {
    const machine = fleet.pickMachine(() => true);
    if (machine) act(machine, fleet);
    return machine !== undefined;
  };
}

/** Every second outage is longer than a lease; then what was on its way arrives after all, or is lost. */
function swallow(fleet: Fleet): boolean {
  const machine = fleet.pickMachine(({ name }) => !fleet.cutOff.has(name));
  if (machine === undefined) return false;
  const { link } = machine.options;
  const { ttlMs } = fleet;
  const late = fleet.dice.chance(0.5);
  link.swallow();
  fleet.orphans.lose(machine.name, 'cut off');
  fleet.cutOff.add(machine.name);
  fleet.later.after(fleet.dice.chance(0.5) ? between(fleet, ttlMs, 2 * ttlMs) : between(fleet, 200, ttlMs / 2), () => {
    fleet.cutOff.delete(machine.name);
    link.heal(late);
  });
  return true;
}

function slowDown(fleet: Fleet): boolean {
  const machine = fleet.pickMachine(() => true);
  machine?.options.link.slowDown(between(fleet, 10, 150));
  fleet.later.after(between(fleet, 1_000, 5_000), () => machine?.options.link.slowDown(0));
  return machine !== undefined;
}

/** Over HTTP by the link; over ssh, which nobody can look into, by a server that dies when all is applied. */
async function loseAnswer(fleet: Fleet): Promise<boolean> {
  const machine = fleet.pickMachine(() => true);
  if (machine?.options.kind === 'http') machine.options.link.loseNextAnswer();
  else await fleet.servers.repository.loseNextAnswer();
  return machine !== undefined;
}

function between(fleet: Fleet, least: number, most: number): number {
  return least + fleet.dice.next() * (most - least);
}

/** False where it has ended. */
function send(victim: OurProcess, signal: NodeJS.Signals): boolean {
  if (!isAlive(victim)) return false;
  try {
    process.kill(victim.pid, signal);
    return true;
  } catch {
    return false;
  }
}
