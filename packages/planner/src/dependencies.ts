import type { ResultStates } from './plan-input.ts';
import type { ResultFile, View } from './view.ts';
import type { Waiting } from './waiting.ts';
import { joinClauses, quote } from './words.ts';

/** The results whose states a plan needs: those that open tasks depend on. */
export function resultsToRead(view: View): ResultFile[] {
  const needed = new Set<ResultFile>();
  for (const { id, parsed } of view.tasks.values()) {
    if (!parsed?.ok || view.results.has(id)) continue;
    for (const dependency of parsed.value.dependsOn) {
      const result = view.results.get(dependency);
      if (result !== undefined) needed.add(result);
    }
  }
  return [...needed];
}

/** What a task still waits for of the tasks it depends on; one that cannot come by itself is named first. */
export function unmetDependencies(dependsOn: readonly string[], context: DependencyContext): Waiting | null {
  const judged = dependsOn.map((id) => judgeDependency(id, context));
  const deadEnd = judged.find((dependency) => dependency.state === 'dead-end');
  if (deadEnd?.state === 'dead-end') return { kind: 'depends-on', text: deadEnd.text, failed: true };
  const pending = judged.flatMap((dependency) => (dependency.state === 'pending' ? [dependency.text] : []));
  return pending.length === 0 ? null : { kind: 'depends-on', text: `waits for ${joinClauses(pending)}` };
}

/** What dependencies are judged by: part of a plan's context. */
export interface DependencyContext {
  view: View;
  resultStates: ResultStates;
  cycles: ReadonlyMap<string, readonly string[]>;
}

type Dependency = { state: 'met' } | { state: 'pending'; text: string } | { state: 'dead-end'; text: string };

function judgeDependency(id: string, { view, resultStates, cycles }: DependencyContext): Dependency {
  const name = quote(id);
  const result = view.results.get(id);
  if (result !== undefined) return judgeResult(result, resultStates);
  const file = view.tasks.get(id);
  if (file === undefined) {
    const text = `depends on ${name}, which does not exist: add \`tasks/${id}.md\`, or remove it from depends_on`;
    return { state: 'dead-end', text };
  }
  const isBroken = cycles.has(id) || file.parsed?.ok === false;
  if (isBroken) return { state: 'dead-end', text: `depends on ${name}, which is invalid: mend \`${file.path}\` first` };
  return { state: 'pending', text: name };
}

function judgeResult(result: ResultFile, resultStates: ResultStates): Dependency {
  const name = quote(result.id);
  const remedy = `retry it (\`errand retry ${result.id}\`), or remove it from depends_on`;
  const state = resultStates.get(result.id);
  switch (state) {
    case 'done':
      return { state: 'met' };
    case 'failed':
      return { state: 'dead-end', text: `${name} failed on ${dayOf(result)}: ${remedy}` };
    case 'cancelled':
      return { state: 'dead-end', text: `${name} was cancelled on ${dayOf(result)}: ${remedy}` };
    case undefined:
      return { state: 'pending', text: `${name}, whose result ${quote(result.path)} could not be read` };
  }
}

/** The day in a result's path: `results/2026-11-20/setup-db.md`. */
export function dayOf(result: ResultFile): string {
  return result.path.split('/').at(-2) ?? 'an unknown day';
}
