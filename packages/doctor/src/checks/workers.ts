import type { View } from '@errand/planner';
import { isBeatOfTwin, readWorkerMemory, type WorkerMemory } from '@errand/queue';
import type { Check } from '../check.ts';
import { compareVersions, versionNumbers } from '../compare-versions.ts';
import { type Found, ok } from '../finding.ts';

/** Do the workers of this queue understand each other. */
export const workers: Check = {
  name: 'workers',
  limitMs: 60_000,
  look: async ({ view, version, machine }) => {
    const look = await view();
    if (!look?.ok || machine === null) return [];
    const twin = judgeName(look.view, machine.machine, await readWorkerMemory(look.queue.dir));
    const versions = judgeWorkers(look.view, version);
    return twin.length > 0 ? [...twin, ...versions.filter(({ state }) => state !== 'ok')] : versions;
  },
};

/** Seen from the machine of the second worker alone: to the others two workers of one name look like one. */
export function judgeName({ workers }: Pick<View, 'workers'>, me: string, mine: WorkerMemory | null): Found[] {
  const beat = workers.get(me);
  if (beat === undefined || !isBeatOfTwin(mine, beat)) return [];
  if (mine === null) {
    return [
      {
        state: 'note',
        what: `a worker uses the name ${me}, and none has run from the state directory that is looked at here`,
        why: 'two workers of one name are one too many: the second claims nothing',
        remedy:
          'Where it runs here, as another user or with another ERRAND_STATE_DIR, look as that one. Else give this machine another name: machine: in its configuration.',
      },
    ];
  }
  return [
    {
      state: 'warning',
      what: `another worker uses the name ${me}: a worker of this state directory claims nothing while that one beats`,
      why: 'a claim belongs to a name, so two workers of one name could run a task twice; after a crash of this machine it passes by itself',
      remedy: 'Stop one of the two, or give one another name (machine: in its configuration) and restart it.',
    },
  ];
}

export function judgeWorkers({ workers, unreadable }: Pick<View, 'workers' | 'unreadable'>, version: string): Found[] {
  const here = versionNumbers(version);
  const running = [...workers.values()].map(({ value }) => value).filter(({ state }) => state === 'running');
  const older = running.filter((worker) => compareVersions(versionNumbers(worker.version), here) < 0);
  const newer = running.filter((worker) => compareVersions(versionNumbers(worker.version), here) > 0);
  const found: Found[] = [];
  if (older.length > 0) {
    found.push({
      state: 'note',
      what: `older than errand ${version} here: ${older.map(({ machine, version }) => `${machine} (${version})`).join(', ')}`,
      why: 'neighbouring versions share a queue; what is new here does not work there',
      remedy: 'Update errand on those machines: git pull, scripts/install, errand service restart.',
    });
  }
  if (newer.length > 0) {
    found.push({
      state: 'note',
      what: `newer than errand ${version} here: ${newer.map(({ machine, version }) => `${machine} (${version})`).join(', ')}`,
      remedy: 'Update errand on this machine: git pull, scripts/install, errand service restart.',
    });
  }
  const unread = [...unreadable].filter(([, { newer }]) => newer === true);
  if (unread.length > 0) {
    found.push({
      state: 'warning',
      what: `${unread.length === 1 ? 'one ref' : `${unread.length} refs`} of a newer errand cannot be read here, as ${unread[0]?.[0]}`,
      why: 'this machine leaves those tasks alone',
      remedy: 'Update errand on this machine: git pull, scripts/install, errand service restart.',
    });
  }
  if (found.length > 0) return found;
  return ok(running.length === 0 ? 'no worker is running' : `every worker has errand ${version}`);
}
