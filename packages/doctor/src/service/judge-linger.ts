import { enableLinger, type ServiceHost, type ServiceState } from '@errand/service';
import type { Found } from '../finding.ts';
import { shellWord } from '../remote/server-command.ts';
import { reasonOf } from './reason-of.ts';

/** Without lingering the manager itself is gone when nobody is logged in, and with it the service. */
export function judgeLinger(state: ServiceState, host: ServiceHost): Found[] {
  if (state.lingering !== false) return [];
  const gone = reasonOf(state);
  const seen: Pick<Found, 'state' | 'what' | 'why'> =
    gone === null
      ? {
          state: 'warning',
          what: 'the service ends when you log out, and does not start with the machine',
          why: 'lingering is off for this user',
        }
      : {
          state: 'fault',
          what: 'the service does not run',
          why: `lingering is off for this user, so it ended at log-out: ${gone}`,
        };
  return [
    {
      ...seen,
      remedy: 'Turn it on:',
      command: `sudo loginctl enable-linger ${shellWord(host.user)}`,
      repair: async () => {
        const refused = await enableLinger(host);
        return refused === null ? { ok: true, did: 'turned lingering on for this user' } : { ok: false, why: refused };
      },
    },
  ];
}
