import { type Observations, type Rescue, stoodStillFor } from '@errand/planner';
import { formatDuration, type Heartbeat } from '@errand/task';

/** Why a claim was taken from its machine, in words for the task's owner. `at` in a heartbeat is that machine's own clock. */
export function describeLoss(
  { id, record: { worker, attempt }, reason }: Rescue['claims'][number],
  { by, heartbeat, observations }: { by: string; heartbeat: Heartbeat | null; observations: Observations },
): { why: string; where: string } {
  const at = heartbeat === null ? '' : spellTime(heartbeat.at);
  const watched = formatDuration(stoodStillFor(observations, worker).ms);
  const where = `what it made, if anything, stays on ${worker} (errand logs ${id} --attempt ${attempt})`;
  switch (reason) {
    case 'stale':
      return { why: `nothing was heard of ${worker} after ${at}: ${by} watched for ${watched} and freed the task`, where };
    case 'absent':
      return { why: `${worker} had no heartbeat: ${by} watched for ${watched} and freed the task`, where };
    case 'tombstone':
      return { why: `${worker} was given up at ${at}, and ${by} freed the task`, where };
    case 'stopped':
      return { why: `the worker on ${worker} had ended by ${at}, and ${by} freed the task`, where };
    case 'unlisted':
      return { why: `the worker on ${worker} did not know of it any more, and ${by} freed the task`, where };
  }
}

function spellTime(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
