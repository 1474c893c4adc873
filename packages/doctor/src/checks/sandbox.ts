import type { Check } from '../check.ts';
import type { Found } from '../finding.ts';
import { type SandboxTrial, tryBubblewrap, tryPodman } from '../try-sandbox.ts';

/** Which sandboxes work here. This version of errand runs attempts without one. */
export const sandbox: Check = {
  name: 'sandbox',
  limitMs: 20_000,
  look: async ({ machine, env, signal }) => {
    if (machine === null || machine.policy.agents.length === 0 || process.platform !== 'linux') return [];
    const [bubblewrap, podman] = await Promise.all([tryBubblewrap({ env, signal }), tryPodman({ env, signal })]);
    return judgeSandbox({ bubblewrap, podman });
  },
};

/** By the names that people know them by. */
export function judgeSandbox(trials: Readonly<Record<string, SandboxTrial>>): Found[] {
  const broken: Found[] = Object.entries(trials).flatMap(([name, trial]) =>
    trial.state === 'broken'
      ? [
          {
            state: 'note',
            what: `${name} is installed, and does not work for this user`,
            why: trial.why,
            remedy: 'Nothing needs to be done: this version runs attempts without a sandbox.',
          },
        ]
      : [],
  );
  const seen = Object.entries(trials).map(([name, { state }]) => `${name} ${SAID[state]}`);
  return [{ state: 'ok', what: `attempts run as your user, without a sandbox; ${seen.join(', ')}` }, ...broken];
}

const SAID = { works: 'works', broken: 'does not work', absent: 'is not installed' } as const;
