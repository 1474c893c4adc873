import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Containment, Place } from './containment.ts';
import { createUnit } from './create-unit.ts';
import { gripCgroup } from './grip-cgroup.ts';

/** Enters the group before the command exists, so that none of its processes was ever outside. */
const ENTER =
  'echo $$ > "$1"/cgroup.procs || exit 125; if [ -n "$2" ]; then unset XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS; fi; shift 2; echo go >&3; exec 3>&-; exec "$@"';

const description = 'a control group: every descendant, whatever it detaches from';

/** Where new groups can be made: under our own, or as transient scopes of the systemd user manager. */
export type CgroupHome =
  | { by: 'mkdir'; parent: string }
  | { by: 'systemd'; parent: string; systemdRun: string; env: { readonly [name: string]: string } };

/** Containment by a control group of its own for each command. */
export function containByCgroup(home: CgroupHome): Containment {
  return {
    kind: 'cgroup',
    description: home.by === 'mkdir' ? description : `${description} (a transient systemd scope)`,
    notAvailable: [],
    prepare(id) {
      const name = home.by === 'mkdir' ? `errand-${id}` : `errand-${id}.scope`;
      const path = join(home.parent, name);
      if (home.by === 'mkdir') {
        try {
          mkdirSync(path);
        } catch (error) {
          return { ok: false, reason: `cannot make the control group ${path}: ${(error as Error).message}` };
        }
      }
      return { ok: true, place: placeIn(home, id, name, path) };
    },
  };
}

function placeIn(home: CgroupHome, id: string, name: string, path: string): Place {
  const unit = createUnit(gripCgroup(id, path));
  const scope =
    home.by === 'mkdir'
      ? []
      : [home.systemdRun, '--user', '--scope', '--collect', '--quiet', '-p', 'Delegate=yes', `--unit=${name}`, '--'];
  const viaSystemd = home.by === 'mkdir' ? '' : 'yes';
  return {
    wrap: (program, args) =>
      [...scope, '/bin/sh', '-c', ENTER, 'sh', path, viaSystemd, program, ...args] as [string, ...string[]],
    wrapperEnv: home.by === 'mkdir' ? {} : home.env,
    announces: true,
    unit,
    adopt: () => unit,
  };
}
