import type { QueueConfig } from '@errand/config';
import type { View } from '@errand/planner';
import { nearestOf, type Task, TIERS } from '@errand/task';

/** What a task names, as far as the queue may know it. */
export type Naming = Pick<Task, 'id' | 'dependsOn' | 'repo' | 'model'>;

/** What the queue was last seen to know. */
export interface Known {
  tasks: Iterable<string>;
  repos: QueueConfig['repos'];
  tiers: QueueConfig['tiers'];
}

/** A word that is no URL and no path. */
const SHORT_NAME = /^[\w.-]+$/;

/** What was seen of a queue, with tasks that are still to be sent. */
export function listKnown({ tasks, results }: View, unsent: readonly string[], { repos, tiers }: QueueConfig): Known {
  return { tasks: [...tasks.keys(), ...results.keys(), ...unsent], repos, tiers };
}

/** Remarks about names in a new task that mean nothing in the queue as it was last seen. It may learn them, so none is an error. */
export function findUnknownNames({ id, dependsOn, repo, model }: Naming, known: Known): string[] {
  const remarks: string[] = [];
  const ids = new Set(known.tasks);
  for (const needed of dependsOn.filter((name) => !ids.has(name))) {
    const near = nearestOf(needed, ids);
    const others = dependsOn.flatMap((name) => (name === needed ? (near ?? []) : name)).join(',');
    const edit = `errand edit ${id} --depends-on ${others || '""'}`;
    const way = near === null ? `to let it run without: ${edit}` : `did you mean ${near}? Then: ${edit}`;
    remarks.push(`no task \`${needed}\` is known here, and ${id} waits for it; ${way}`);
  }
  if (repo !== undefined && SHORT_NAME.test(repo) && !Object.hasOwn(known.repos, repo)) {
    const names = Object.keys(known.repos);
    const near = nearestOf(repo, names);
    const way =
      near === null
        ? `add it under repos there, or name its URL: errand edit ${id} --repo URL`
        : `did you mean ${near}? Then: errand edit ${id} --repo ${near}`;
    remarks.push(`config/errand.yaml names no repository \`${repo}\`; ${way}`);
  }
  if (!isKnownModel(model, known.tiers)) {
    const near = nearestOf(model, ['auto', ...TIERS]);
    const way = near === null ? '' : `; did you mean ${near}? Then: errand edit ${id} --model ${near}`;
    remarks.push(`\`${model}\` is none of ${TIERS.join(', ')} and no model that is known here: the agent gets it as it is${way}`);
  }
  return remarks;
}

/** A tier, a model whose name has one in it, or one that the queue's file names. */
function isKnownModel(model: string, tiers: Known['tiers']): boolean {
  const parts = model.toLowerCase().split(/[^a-z]+/);
  if (model === 'auto' || TIERS.some((tier) => parts.includes(tier))) return true;
  return Object.values(tiers).some((models) => Object.values(models).includes(model));
}
