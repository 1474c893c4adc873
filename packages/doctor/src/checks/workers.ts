import type { View } from '@errand/planner';
import type { Check } from '../check.ts';
import { compareVersions, versionNumbers } from '../compare-versions.ts';
import { type Found, ok } from '../finding.ts';

/** Do the workers of this queue understand each other. */
export const workers: Check = {
  name: 'workers',
  limitMs: 60_000,
  look: async ({ view, version }) => {
    const look = await view();
    return look?.ok ? judgeWorkers(look.view, version) : [];
  },
};

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
