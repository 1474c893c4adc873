import { findTrouble, type RunningTrouble, type ServiceState } from '@errand/service';
import type { Found } from '../finding.ts';
import type { Commands } from './commands.ts';
import { reasonOf } from './reason-of.ts';

/** What the manager knows, where it answers. */
export function judgeManager(state: ServiceState, { install, restart }: Commands): Found[] {
  const cause = reasonOf(state);
  if (cause !== null) {
    if (state.lingering === false) return []; // That tells why.
    return [
      {
        state: 'warning',
        what: 'the service manager cannot be asked about the service',
        why: cause,
        remedy: 'Ask as the user who runs it.',
      },
    ];
  }
  const found: Found[] = [];
  if (!state.enabled) {
    found.push({
      state: 'warning',
      what: 'the service does not start by itself',
      why: 'after a restart of the machine no worker runs',
      remedy: 'Install it again, which enables it:',
      command: install,
    });
  }
  const trouble = findTrouble(state);
  if (trouble !== null) found.push(describeTrouble(trouble, state, restart));
  if (state.outdated === true) {
    found.push({
      state: 'note',
      what: 'the worker that runs is older than the code of this checkout',
      remedy: 'Start it anew; what is running is finished or goes on:',
      command: restart,
    });
  }
  return found;
}

function describeTrouble(trouble: RunningTrouble, { active, restarts, says }: ServiceState, restart: string): Found {
  switch (trouble) {
    case 'restarting':
      return {
        state: 'fault',
        what: `the service does not stay up: it was started again by itself ${restarts === 1 ? 'once' : `${restarts ?? 'some'} times`}`,
        why: says ?? 'the worker ends before it has reached the queue',
        remedy: 'The reason is told before each start:',
        command: 'errand service logs --lines 200',
      };
    case 'not-ready':
      return {
        state: 'warning',
        what: 'the service is starting, and has not reached the queue yet',
        why: says ?? 'the worker has not been heard of',
        remedy: 'It goes on trying. What it says:',
        command: 'errand service logs',
      };
    case 'failed':
    case 'stopped':
      return {
        state: 'fault',
        what: `the service is ${active}`,
        why:
          trouble === 'failed' ? (says ?? 'the worker ended, and is not tried again') : 'somebody stopped it, and no worker runs',
        remedy: 'See what it says (errand service logs), then start it:',
        command: restart,
      };
  }
}
