import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';
import type { RemoteFacts } from '../remote/facts.ts';
import { remedyPlace } from '../remote/remedy-place.ts';
import { explainRefusal, serverSaid } from '../remote/say-why.ts';

/** May refs under refs/errand/ be removed. */
export const deletion: Check = {
  name: 'deletion',
  limitMs: 120_000,
  look: async (context) => {
    const facts = await context.remote();
    return facts === null ? [] : judgeDeletion(facts);
  },
};

export function judgeDeletion({ create, remove, leftBehind, remote }: RemoteFacts): Found[] {
  const found: Found[] = [];
  if (create.state === 'accepted' && remove.state === 'accepted') found.push(...ok('refs under refs/errand/ can be removed'));
  else if (create.state === 'accepted') {
    found.push({
      state: 'fault',
      what: 'refs under refs/errand/ cannot be removed',
      why: `each task has one while it runs: they would pile up, and no result could be recorded; the answer was: ${serverSaid(remove)}`,
      ...explainRefusal(remove, { what: 'refs/errand/, and to delete there', remote: remedyPlace(remote) }),
    });
  }
  if (leftBehind !== null) {
    found.push({
      state: 'warning',
      what: `the doctor could not remove what it made: ${leftBehind.refs.join(', ')}`,
      why: `${leftBehind.why}; nothing reads these refs`,
      remedy: 'When that is repaired, a quarter of an hour from now, remove them:',
      command: 'errand doctor --fix',
    });
  }
  return found;
}
