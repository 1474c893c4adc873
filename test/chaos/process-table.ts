import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { ProcessIdentity } from '../rig/processes.ts';

export type Role = 'worker' | 'guard' | 'git' | 'agent' | 'server-git' | 'other';

/** A live process of the chaos. Linux only. */
export interface OurProcess extends ProcessIdentity {
  role: Role;
  command: string;
  /** Its environment, for what was started with one that names the scene's folder. */
  env: Map<string, string>;
  /** It is stopped, or its control group is frozen. */
  isStill: boolean;
}

/** So long after it was first seen a process that is not ours is not going to be: it has become what it was started for. */
const SETTLED_MS = 2_000;

/** Live processes with one of these words in their environment, command line or folder. */
export class ProcessTable {
  readonly #marks: readonly string[];
  /** When each process that is not ours was first seen, by id and start: there are hundreds, and they are looked at many times a second. */
  #strangers = new Map<string, number>();
  /** By id and start: a guard is marked by nothing but its worker, which it outlives for a moment. */
  #guards = new Set<string>();

  constructor(marks: readonly string[]) {
    this.#marks = marks;
  }

  list(): OurProcess[] {
    const strangers = new Map<string, number>();
    const guards: { process: OurProcess; parent: number }[] = [];
    const ours: OurProcess[] = [];
    for (const name of readdirSync('/proc')) {
      const pid = Number(name);
      if (!(pid > 0) || pid === process.pid) continue;
      try {
        const found = this.#read(pid, strangers);
        if (found?.process.role === 'guard') guards.push(found);
        else if (found !== null) ours.push(found.process);
      } catch {
        // It has ended meanwhile.
      }
    }
    this.#strangers = strangers;
    const pids = new Set(ours.map(({ pid }) => pid));
    const isOurs = ({ process: { pid, start }, parent }: (typeof guards)[number]): boolean =>
      pids.has(parent) || this.#guards.has(`${pid} ${start}`);
    const ourGuards = guards.filter(isOurs).map(({ process }) => process);
    this.#guards = new Set(ourGuards.map(({ pid, start }) => `${pid} ${start}`));
    return [...ours, ...ourGuards];
  }

  /** Null for a stranger; any guard is given back with its parent. */
  #read(pid: number, strangers: Map<string, number>): { process: OurProcess; parent: number } | null {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state = 'X'] = fields;
    if ('ZX'.includes(state)) return null;
    const identity = { pid, start: fields[19] ?? '' };
    const name = `${pid} ${identity.start}`;
    const now = performance.now();
    const since = this.#strangers.get(name) ?? now;
    strangers.set(name, since);
    if (now - since > SETTLED_MS) return null;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
    const environ = readFileSync(`/proc/${pid}/environ`, 'latin1');
    const isMarked = (text: string): boolean => this.#marks.some((mark) => text.includes(mark));
    const isGuard = command.includes('guard-main');
    if (!isGuard && !isMarked(environ) && !isMarked(command) && !isMarked(readlinkSync(`/proc/${pid}/cwd`))) return null;
    strangers.delete(name);
    const env = new Map(
      environ.split('\0').map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    );
    const isStill = 'Tt'.includes(state) || isFrozen(pid);
    const process = { ...identity, role: isGuard ? ('guard' as const) : roleOf(command, env), command, env, isStill };
    return { process, parent: Number(fields[1]) };
  }
}

function roleOf(command: string, env: Map<string, string>): Role {
  if (/^\S*(?:git(?:-receive-pack|-upload-pack| http-backend)|sh -c git-)/.test(command) || env.has('GIT_PROJECT_ROOT')) {
    return 'server-git';
  }
  if (env.has('ERRAND_ID')) return 'agent';
  if (/^\S*(?:git|ssh|git-remote-https?)(?:$|[ :])/.test(command)) return 'git';
  if (/worker-process\.m?js/.test(command)) return 'worker';
  return 'other';
}

/** By control group, version 2, wherever that is mounted. */
function isFrozen(pid: number): boolean {
  const [, path] = /^0::(\/.+)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'latin1')) ?? [];
  if (path === undefined) return false;
  for (const mount of ['/sys/fs/cgroup', '/sys/fs/cgroup/unified']) {
    try {
      return /^frozen 1$/m.test(readFileSync(`${mount}${path}/cgroup.events`, 'latin1'));
    } catch {
      // Elsewhere, or its group has just gone.
    }
  }
  return false;
}
