import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { findProgram } from '../find-program.ts';
import { type CgroupHome, containByCgroup } from './contain-by-cgroup.ts';
import { containByPidns } from './contain-by-pidns.ts';
import { containByTree } from './contain-by-tree.ts';
import type { Containment } from './containment.ts';
import { findOwnCgroup, locateCgroup } from './find-own-cgroup.ts';
import { tryPlace } from './try-place.ts';
import type { ContainmentKind } from './unit.ts';

/** `contain:` in the machine's configuration. `auto` takes the strongest kind that works. */
export type ContainmentPolicy = 'auto' | ContainmentKind;

export type ContainmentProbe = { ok: true; containment: Containment } | { ok: false; message: string; hint: string };
type KindProbe = { ok: true; containment: Containment } | { ok: false; reason: string };

const STRONGEST_FIRST: readonly ContainmentKind[] = ['cgroup', 'pidns', 'tree'];
const probed = new Map<ContainmentKind, Promise<KindProbe>>();

/**
 * Picks the containment for this machine by running a command in it, once per process.
 * A kind that is asked for by name and does not work is an error, never replaced by a weaker one.
 */
export async function probeContainment(policy: ContainmentPolicy): Promise<ContainmentProbe> {
  const notAvailable: Containment['notAvailable'] = [];
  for (const kind of policy === 'auto' ? STRONGEST_FIRST : [policy]) {
    const probe = await probeKind(kind);
    if (probe.ok) return { ok: true, containment: { ...probe.containment, notAvailable } };
    notAvailable.push({ kind, reason: probe.reason });
  }
  const reasons = notAvailable.map(({ kind, reason }) => `${kind}: ${reason}`).join('; ');
  return {
    ok: false,
    message: `agents cannot be contained as asked (${reasons})`,
    hint: 'Set contain: auto to let Errand choose, or repair what is missing on this machine.',
  };
}

function probeKind(kind: ContainmentKind): Promise<KindProbe> {
  const known = probed.get(kind) ?? { cgroup: probeCgroup, pidns: probePidns, tree: probeTree }[kind]();
  probed.set(kind, known);
  return known;
}

async function probeTree(): Promise<KindProbe> {
  return { ok: true, containment: containByTree };
}

async function probeCgroup(): Promise<KindProbe> {
  const own = findOwnCgroup();
  if (!own.ok) return own;
  const direct = await tryCgroup({ by: 'mkdir', parent: own.path });
  if (direct.ok) return direct;
  const scope = await findSystemdHome(process.env, own.path);
  const viaSystemd = scope.ok ? await tryCgroup(scope.home) : scope;
  return viaSystemd.ok ? viaSystemd : { ok: false, reason: `${direct.reason}; ${viaSystemd.reason}` };
}

async function tryCgroup(home: CgroupHome): Promise<KindProbe> {
  const containment = containByCgroup(home);
  const id = `probe-${nonce()}`;
  const trial = await tryPlace(containment, id, 'cat /proc/self/cgroup');
  if (!trial.ok) return trial;
  return trial.stdout.includes(`errand-${id}`)
    ? { ok: true, containment }
    : { ok: false, reason: 'a process did not stay in its new group' };
}

type SystemdHome = { ok: true; home: CgroupHome } | { ok: false; reason: string };

/** Asks the user manager for one scope, only to see where it puts scopes. */
export async function findSystemdHome(env: NodeJS.ProcessEnv, ownPath: string): Promise<SystemdHome> {
  const run = findProgram('systemd-run', env.PATH ?? '', '/');
  if (!run.ok) return run;
  const runtimeDir = env.XDG_RUNTIME_DIR;
  if (runtimeDir === undefined) return { ok: false, reason: 'no systemd user manager (XDG_RUNTIME_DIR is not set)' };
  const bus = env.DBUS_SESSION_BUS_ADDRESS;
  const busEnv = { XDG_RUNTIME_DIR: runtimeDir, ...(bus === undefined ? {} : { DBUS_SESSION_BUS_ADDRESS: bus }) };
  const name = `errand-probe-${nonce()}.scope`;
  const scope: Containment = {
    ...containByTree,
    prepare: (id) => {
      const preparation = containByTree.prepare(id);
      if (!preparation.ok) return preparation;
      const wrap = (program: string, args: readonly string[]): [string, ...string[]] => [
        run.path,
        '--user',
        '--scope',
        '--collect',
        '--quiet',
        `--unit=${name}`,
        '--',
        program,
        ...args,
      ];
      return { ok: true, place: { ...preparation.place, wrap, wrapperEnv: busEnv } };
    },
  };
  const trial = await tryPlace(scope, name, 'cat /proc/self/mountinfo; echo; cat /proc/self/cgroup');
  if (!trial.ok) return { ok: false, reason: `systemd-run: ${trial.reason}` };
  const [mountinfo = '', cgroup = ''] = trial.stdout.split('\n\n');
  const located = locateCgroup(mountinfo, cgroup);
  if (!located.ok) return located;
  if (basename(located.path) !== name || located.path === join(ownPath, name)) {
    return { ok: false, reason: 'systemd-run gave no scope of its own' };
  }
  return { ok: true, home: { by: 'systemd', parent: dirname(located.path), systemdRun: run.path, env: busEnv } };
}

async function probePidns(): Promise<KindProbe> {
  if (process.platform !== 'linux') return { ok: false, reason: `${process.platform} has no PID namespaces` };
  const path = process.env.PATH ?? '';
  const setpriv = findProgram('setpriv', path, '/');
  if (!setpriv.ok) return setpriv;
  const unshare = findProgram('unshare', path, '/');
  if (!unshare.ok) return unshare;
  const reasons: string[] = [];
  for (const userNamespace of process.getuid?.() === 0 ? [false, true] : [true]) {
    const containment = containByPidns({ setpriv: setpriv.path, unshare: unshare.path, userNamespace });
    // In a new namespace the parent of the command is process 1, and /proc shows that namespace.
    const trial = await tryPlace(containment, nonce(), 'read -r pid rest < /proc/self/stat; echo "$PPID $pid $$"');
    if (trial.ok && /^1 (\d+) \1$/.test(trial.stdout)) return { ok: true, containment };
    reasons.push(trial.ok ? 'the namespace did not take effect' : trial.reason);
  }
  return { ok: false, reason: reasons.join('; ') };
}

function nonce(): string {
  return randomBytes(6).toString('hex');
}
