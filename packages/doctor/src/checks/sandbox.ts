import type { Check } from '../check.ts';
import type { Found } from '../finding.ts';
import { runProgram } from '../run-program.ts';

/** Which sandboxes would work here. This version of errand runs attempts without one. */
export const sandbox: Check = {
  name: 'sandbox',
  limitMs: 20_000,
  look: async ({ machine, env, signal }) => {
    if (machine === null || machine.policy.agents.length === 0 || process.platform !== 'linux') return [];
    const [bwrap, podman] = await Promise.all([
      runProgram('bwrap', ['--ro-bind', '/', '/', '--unshare-all', 'true'], { env, signal }),
      runProgram('podman', ['--version'], { env, signal }),
    ]);
    return judgeSandbox({ bwrap: bwrap.ok, podman: podman.ok });
  },
};

export function judgeSandbox({ bwrap, podman }: { bwrap: boolean; podman: boolean }): Found[] {
  const there = [...(bwrap ? ['bubblewrap works'] : []), ...(podman ? ['podman is installed'] : [])];
  const what = `attempts run as your user, without a sandbox; ${there.length === 0 ? 'none is installed' : there.join(', ')}`;
  return [{ state: 'ok', what }];
}
