import { describe, expect, it } from 'vitest';
import { planClaims } from './claims.ts';
import {
  buildClaim,
  buildHeartbeat,
  buildInput,
  buildSelf,
  buildTask,
  buildView,
  nine,
  records,
  tasks,
  workers,
} from './rig/worlds.ts';
import type { View } from './view.ts';

const NAMES = ['ada', 'bob', 'cy', 'dee'];
const beats = (slots: number) => workers(...NAMES.map((name) => buildHeartbeat(name, `beat-${name}`, { slots })));
const many = (count: number) => tasks(...Array.from({ length: count }, (_, index) => buildTask(`t${index}`)));

/** What each of these machines claims of one view, each with so many free slots; `atMs` later than it first looked. */
function plans(view: View, names = NAMES, slotsFree = 1, atMs = 0) {
  return names.map((machine) => {
    const input = { ...buildInput(view), self: buildSelf({ machine, slotsFree }) };
    const { left } = planClaims({ ...input, together: true });
    const plan = planClaims({
      ...input,
      view: { ...view, at: atMs },
      leftSince: left,
      together: atMs === 0,
      now: { ...nine, elapsedMs: atMs },
    });
    return { machine, ids: plan.claims.map(({ id }) => id), left: [...plan.left.keys()], waiting: plan.waiting };
  });
}

describe('the deal of tasks among machines', () => {
  it('gives a task that all could take to one of them, and the others say to whom they leave it', () => {
    const dealt = plans(buildView({ workers: beats(1), tasks: many(1) }));
    const takers = dealt.filter(({ ids }) => ids.length > 0);
    expect(takers.map(({ ids }) => ids)).toEqual([['t0']]);
    const texts = dealt.filter(({ left }) => left.length > 0).map(({ waiting }) => waiting.get('t0')?.text);
    expect(texts).toEqual(Array(3).fill(`left to \`${takers[0]?.machine}\` for a moment`));
  });

  it.each([2, 3, 4, 9, 40])('has no two machines push for the same one of %i', (count) => {
    const claimed = plans(buildView({ workers: beats(1), tasks: many(count) })).flatMap(({ ids }) => ids);
    expect(new Set(claimed).size).toBe(claimed.length);
    expect(claimed).toHaveLength(Math.min(count, NAMES.length));
  });

  it('fills machines of many slots', () => {
    const claimed = plans(buildView({ workers: beats(8), tasks: many(64) }), NAMES, 8).flatMap(({ ids }) => ids);
    expect(new Set(claimed).size).toBe(32);
  });

  it('gives what belongs to a busy machine to those that are free', () => {
    const busy = records(buildClaim('x', 'ada'), buildClaim('y', 'bob'), buildClaim('z', 'cy'));
    const view = buildView({ workers: beats(1), tasks: many(3), records: busy });
    expect(plans(view, ['dee'], 3)).toMatchObject([{ ids: expect.arrayContaining(['t0', 't1', 't2']), left: [] }]);
  });

  it('waits for nobody where the others look when they look', () => {
    const view = buildView({ workers: beats(1), tasks: many(1) });
    const takers = NAMES.filter((machine) => planClaims({ ...buildInput(view), self: buildSelf({ machine }) }).claims.length > 0);
    expect(takers).toEqual(NAMES);
  });

  it('waits a second for each machine that comes before it, three at most', () => {
    const view = buildView({ workers: beats(1), tasks: many(1) });
    const takersAt = (atMs: number) => plans(view, NAMES, 1, atMs).filter(({ ids }) => ids.length > 0).length;
    expect([0, 999, 1_000, 2_000, 3_000].map(takersAt)).toEqual([1, 1, 2, 3, 4]);
    const [left] = plans(view).filter((plan) => plan.left.length > 0);
    expect(left?.waiting.get('t0')).toMatchObject({ kind: 'left', dueAt: 1_000 });
  });

  it('leaves nothing to a machine that cannot take it', () => {
    const others = workers(...NAMES.slice(0, 3).map((name) => buildHeartbeat(name, `beat-${name}`, { agents: {} })));
    expect(plans(buildView({ workers: others, tasks: many(2) }), ['dee'], 2)).toMatchObject([{ ids: ['t0', 't1'] }]);
  });

  it('gives no slot to a less urgent task while it leaves a more urgent one', () => {
    const urgent = buildTask('urgent', { priority: 0 });
    const view = buildView({ workers: beats(1), tasks: tasks(urgent, ...many(8).values()) });
    const dealt = plans(view);
    expect(dealt.flatMap(({ ids }) => ids)).toEqual(['urgent']);
    expect(dealt.find(({ ids }) => ids.length === 0)?.waiting.get('t0')).toMatchObject({ kind: 'left' });
    expect(plans(view, NAMES, 1, 3_000).every(({ ids }) => ids[0] === 'urgent')).toBe(true);
  });
});
