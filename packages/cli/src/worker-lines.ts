import type { Problem } from '@errand/task';
import type { WorkerEvent } from '@errand/worker';
import { describeProblem } from './failure.ts';
import { oneLine } from './table.ts';

/**
 * An event of the worker as a line for people, or null where it is only for the curious (`verbose`). Much of it is quoted: names
 * in the queue, what git, agents and servers said.
 */
export function describeEvent(event: WorkerEvent, verbose: boolean): string | null {
  const line = spellEvent(event, verbose);
  return line === null ? null : oneLine(line);
}

function spellEvent(event: WorkerEvent, verbose: boolean): string | null {
  switch (event.type) {
    case 'started':
      return `worker ${event.machine} started (containment: ${event.containment})`;
    case 'looking':
      return null;
    case 'resting':
      return verbose ? `rests for ${(event.forMs / 1000).toFixed(1)} s` : null;
    case 'polled':
      return verbose ? `looked: ${event.tasks} task files, ${event.records} records` : null;
    case 'poll-failed':
      return `the queue ${event.refused ? 'does not let this machine in' : 'does not answer'}, next try in ${Math.ceil(event.retryInMs / 1000)} s: ${event.cause}`;
    case 'remote-back':
      return `the queue answers again, after ${Math.ceil(event.awayMs / 1000)} s`;
    case 'push-started':
      return verbose ? `push (${event.purpose}): ${event.refs} refs` : null;
    case 'push-ended':
      if (event.ok) return verbose ? `push (${event.purpose}): accepted` : null;
      return verbose ? `push (${event.purpose}): not accepted${event.cause === undefined ? '' : `: ${event.cause}`}` : null;
    case 'twin':
      return `attention: this worker claims nothing: ${event.text}`;
    case 'moved-back':
    case 'refused':
      return `attention: ${event.text}`;
    case 'claimed':
      return `${event.id}: claimed, attempt ${event.attempt}, ${event.tier} (${event.tierReason})`;
    case 'verified':
      return verbose ? `${event.id}: verified` : null;
    case 'given-back':
      return `${event.id}: given back: ${event.why}`;
    case 'prepared':
      return verbose ? `${event.id}: prepared in ${event.cwd}` : null;
    case 'spawned':
      return `${event.id}: runs`;
    case 'agent':
      return verbose && event.event.type === 'output' ? `${event.id}| ${event.event.text}` : null;
    case 'ended':
      return `${event.id}: ended: ${event.outcome}${event.cause === undefined ? '' : ` (${event.cause})`}`;
    case 'journaled':
      return verbose ? `${event.id}: journaled` : null;
    case 'parked':
      return `${event.id}: result parked, the branch is busy`;
    case 'recorded':
      return `${event.id}: recorded as ${event.state}${event.byMe ? '' : ' by another worker'}`;
    case 'retrying':
      return `${event.id}: to be tried again: ${event.reason}`;
    case 'fenced':
      return `${event.id}: ${event.text}${event.keptAt === null ? '' : ` (kept in ${event.keptAt})`}`;
    case 'frozen':
      return `${event.id}: frozen: ${event.why}`;
    case 'thawed':
      return `${event.id}: goes on`;
    case 'rescued':
      return `freed ${event.ids.join(', ') || 'nothing'} of ${event.machine}: ${event.reason}`;
    case 'paused': {
      const until = `${event.until.slice(0, 16).replace('T', ' ')} UTC`;
      const why = event.about === 'limit' ? 'limited' : 'without a login';
      return event.again && !verbose
        ? null
        : `attention: ${event.agent} is ${why} here, asked again at ${until}: ${event.reason}`;
    }
    case 'resumed':
      return `${event.agent}: a key has changed, it is asked again`;
    case 'agent-ready':
      return `${event.agent} ${event.version} is here, and its login works`;
    case 'verifying':
      return `${event.id}: the work is being verified`;
    case 'delivering':
      return `${event.id}: the branch is being pushed`;
    case 'notified':
      return verbose ? `notified: ${event.key}` : null;
    case 'woken':
      return verbose ? 'woken' : null;
    case 'invalid':
      return `invalid: ${spellProblems(event.problems)}`;
    case 'trouble':
      return `attention: ${event.duty}: ${event.text}`;
    case 'kept-house':
      return `housekeeping: ${event.removed} old files and folders are gone, ${Math.ceil(event.freedBytes / 2 ** 20)} MiB`;
    case 'config-invalid':
      return `config/errand.yaml is not valid, the last good one goes on: ${spellProblems(event.problems)}`;
    case 'stopping':
      return event.running === 0
        ? 'stopping'
        : `stopping: ${event.running} running may go on for ${event.graceMs / 1000} s; once more ends them now`;
    case 'stopped':
      return event.left.length === 0
        ? `stopped (${event.exit})`
        : `stopped (${event.exit}); ${event.left.join(', ')} will be given back when this worker starts again, or taken over when its lease ends`;
  }
}

function spellProblems(problems: readonly Problem[]): string {
  return problems.map((problem) => describeProblem(problem).trimEnd()).join('; ');
}
