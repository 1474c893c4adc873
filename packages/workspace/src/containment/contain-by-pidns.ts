import type { Containment } from './containment.ts';
import { createUnit } from './create-unit.ts';
import { gripPidns } from './grip-pidns.ts';
import { identify } from './process-table.ts';

/**
 * Runs the command as a child of process 1, not as process 1 itself: the kernel keeps signals without a handler
 * from process 1, so most programs would not even follow TERM. The shell also reaps orphans while it waits;
 * its own remark when a signal ended the command (`Terminated`) is kept out of the command's standard error.
 */
const INIT = 'echo go >&3; exec 3>&- 4>&2 2>/dev/null; (exec "$@" 2>&4 4>&-); exit $?';

/** Containment by a PID namespace that dies with the worker. `userNamespace` is what a user without root needs. */
export function containByPidns(options: { setpriv: string; unshare: string; userNamespace: boolean }): Containment {
  const asUser = options.userNamespace ? ['--user', '--map-current-user'] : [];
  const unshare = [options.unshare, ...asUser, '--pid', '--fork', '--mount-proc', '--kill-child', '--'];
  const wrapper = [options.setpriv, '--pdeathsig', 'KILL', '--', ...unshare, '/bin/sh', '-c', INIT, 'sh'];
  const limits = options.userNamespace ? '; a user namespace, so sudo does not work in it' : '';
  return {
    kind: 'pidns',
    description: `a PID namespace: every descendant, and it dies with the worker${limits}`,
    notAvailable: [],
    prepare: (id) => ({
      ok: true,
      place: {
        wrap: (program, args) => [...wrapper, program, ...args] as [string, ...string[]],
        wrapperEnv: {},
        announces: true,
        unit: null,
        adopt: (pid) => createUnit(gripPidns(id, identify(pid))),
      },
    }),
  };
}
