import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCycles } from './cycles.ts';
import { buildTask, buildView, results, tasks } from './rig/worlds.ts';

const graph = (edges: { [id: string]: string[] }, finished: string[] = []) =>
  findCycles(
    buildView({
      tasks: tasks(...Object.entries(edges).map(([id, dependsOn]) => buildTask(id, { dependsOn }))),
      results: results(...finished),
    }),
  );

describe('a cycle of tasks', () => {
  it('is named from each of its tasks', () => {
    expect(Object.fromEntries(graph({ a: ['b'], b: ['c'], c: ['a'] }))).toEqual({
      a: ['a', 'b', 'c', 'a'],
      b: ['b', 'c', 'a', 'b'],
      c: ['c', 'a', 'b', 'c'],
    });
  });

  it('may be one task alone', () => {
    expect(graph({ a: ['a'] }).get('a')).toEqual(['a', 'a']);
  });

  it('is named by its shortest way round', () => {
    expect(graph({ a: ['b', 'c'], b: ['c'], c: ['a'] }).get('a')).toEqual(['a', 'c', 'a']);
  });

  it('does not hold a task that merely depends on it, nor one that it depends on', () => {
    const cycles = graph({ before: ['a'], a: ['b'], b: ['a', 'after'], after: [] });
    expect([...cycles.keys()].sort()).toEqual(['a', 'b']);
  });

  it('is none where a task of it is finished', () => {
    expect(graph({ a: ['b'], b: ['a'] }, ['b']).size).toBe(0);
  });

  it('is none in a long chain or a wide fan', () => {
    const chain = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`t${index}`, [`t${index + 1}`]]));
    expect(graph({ ...chain, t3000: [] }).size).toBe(0);
  });

  it('is found exactly for the tasks that can reach themselves', () => {
    const edges = fc.array(fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 })), { maxLength: 16 });
    fc.assert(
      fc.property(edges, (pairs) => {
        const targets = (from: number) => pairs.flatMap(([a, b]) => (a === from ? [b] : []));
        const reach = (from: number) => {
          const seen = new Set<number>();
          const stack = targets(from);
          for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
            if (seen.has(at)) continue;
            seen.add(at);
            stack.push(...targets(at));
          }
          return seen;
        };
        const nodes = [0, 1, 2, 3, 4, 5, 6, 7];
        const found = graph(Object.fromEntries(nodes.map((node) => [`t${node}`, targets(node).map((target) => `t${target}`)])));
        expect([...found.keys()].sort()).toEqual(nodes.filter((node) => reach(node).has(node)).map((node) => `t${node}`));
        for (const [id, path] of found) {
          expect(path.at(0)).toBe(id);
          expect(path.at(-1)).toBe(id);
          path.slice(1).forEach((to, index) => {
            expect(targets(Number(path[index]?.slice(1)))).toContain(Number(to.slice(1)));
          });
        }
      }),
    );
  });
});
