import { probeContainment } from '@errand/workspace';
import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';

/** How well an attempt can be held together, frozen and ended whole. */
export const containment: Check = {
  name: 'containment',
  limitMs: 30_000,
  look: async ({ machine }) => {
    if (machine === null || machine.policy.agents.length === 0) return [];
    const probe = await probeContainment(machine.policy.contain);
    if (!probe.ok) return [{ state: 'fault', what: probe.message, why: 'no worker starts', remedy: probe.hint }];
    return judgeContainment(probe.containment.kind, probe.containment.notAvailable);
  },
};

export function judgeContainment(kind: string, notAvailable: readonly { kind: string; reason: string }[]): Found[] {
  const why = notAvailable.map((one) => `${one.kind}: ${one.reason}`).join('; ');
  switch (kind) {
    case 'cgroup':
      return ok('an attempt is one control group: frozen and ended whole');
    case 'pidns':
      return ok('an attempt is one PID namespace: ended whole');
    default:
      return [
        {
          state: 'warning',
          what: 'a worker started from here knows an attempt only by its process tree: what detaches itself goes on after its end',
          why: why === '' ? 'contain: tree asks for that' : why,
          remedy:
            why === ''
              ? 'Write contain: auto.'
              : 'Run the worker as a service (errand service install), which has a control group; errand service logs tells what it uses.',
        },
      ];
  }
}
