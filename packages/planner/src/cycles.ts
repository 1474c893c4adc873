import type { View } from './view.ts';

/** Every open task that depends on itself, by id, with the shortest way back to it: `[a, b, a]`. A finished task ends a cycle. */
export function findCycles(view: View): Map<string, string[]> {
  const edges = new Map<string, readonly string[]>();
  for (const { id, parsed } of view.tasks.values()) {
    if (parsed?.ok && !view.results.has(id)) edges.set(id, parsed.value.dependsOn);
  }
  const suspects = dropAcyclic(edges);
  const cycles = new Map<string, string[]>();
  for (const id of suspects.keys()) {
    const path = findWayBack(suspects, id);
    if (path !== null) cycles.set(id, path);
  }
  return cycles;
}

/** Takes away, again and again, what depends on nothing that is left: most queues are empty after this. */
function dropAcyclic(edges: ReadonlyMap<string, readonly string[]>): Map<string, readonly string[]> {
  const dependents = new Map<string, string[]>();
  const open = new Map<string, number>();
  for (const [id, targets] of edges) {
    const present = [...new Set(targets)].filter((target) => edges.has(target));
    open.set(id, present.length);
    for (const target of present) {
      const known = dependents.get(target);
      if (known === undefined) dependents.set(target, [id]);
      else known.push(id);
    }
  }
  const free = [...open].filter(([, count]) => count === 0).map(([id]) => id);
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    open.delete(id);
    for (const dependent of dependents.get(id) ?? []) {
      const left = (open.get(dependent) ?? 0) - 1;
      open.set(dependent, left);
      if (left === 0) free.push(dependent);
    }
  }
  return new Map([...open.keys()].map((id) => [id, (edges.get(id) ?? []).filter((target) => open.has(target))]));
}

function findWayBack(edges: ReadonlyMap<string, readonly string[]>, start: string): string[] | null {
  const cameFrom = new Map<string, string>();
  const line = [start];
  for (let at = line.shift(); at !== undefined; at = line.shift()) {
    for (const target of edges.get(at) ?? []) {
      if (target === start) return traceBack(cameFrom, start, at);
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, at);
      line.push(target);
    }
  }
  return null;
}

function traceBack(cameFrom: ReadonlyMap<string, string>, start: string, end: string): string[] {
  const path = [start];
  for (let at = end; at !== start; at = cameFrom.get(at) ?? start) path.unshift(at);
  return [start, ...path];
}
