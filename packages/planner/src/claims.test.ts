import type { Record as QueueRecord } from '@errand/task';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planClaims } from './claims.ts';
import {
  buildClaim,
  buildEntry,
  buildHeartbeat,
  buildInput,
  buildSelf,
  buildTask,
  buildView,
  buildWaiting,
  NINE,
  records,
  tasks,
  workers,
} from './rig/worlds.ts';

const plan = (view = buildView(), input: Partial<Parameters<typeof planClaims>[0]> = {}) =>
  planClaims({ ...buildInput(view), ...input });
const many = (count: number, key?: string) =>
  tasks(...Array.from({ length: count }, (_, index) => buildTask(`t${index}`, key === undefined ? {} : { key })));

describe('the plan of claims', () => {
  it('claims what is eligible, in order, up to the free slots; the rest waits for one', () => {
    const { claims, waiting } = plan(buildView({ tasks: many(3) }));
    expect(claims.map(({ id }) => id)).toEqual(['t0', 't1']);
    expect(waiting.get('t2')).toEqual({ kind: 'slots', text: 'next in line for a slot on `laptop`' });
  });

  it('claims nothing without a free slot', () => {
    const { claims, waiting } = plan(buildView({ tasks: many(1) }), { self: buildSelf({ slotsFree: 0 }) });
    expect(claims).toEqual([]);
    expect(waiting.get('t0')).toMatchObject({ kind: 'slots', text: 'waits for a free slot on `laptop`' });
  });

  it('claims no more than one push may carry', () => {
    expect(plan(buildView({ tasks: many(3) }), { limit: 1 }).claims).toHaveLength(1);
  });

  it('claims one task per key', () => {
    const { claims, waiting } = plan(buildView({ tasks: many(2, 'deploy') }));
    expect(claims).toMatchObject([{ id: 't0', key: 'deploy' }]);
    expect(waiting.get('t1')).toMatchObject({ kind: 'key', text: 'waits for the key `deploy`, which `t0` holds' });
  });

  it('claims a first attempt where there is no record', () => {
    const file = buildTask('a');
    expect(plan(buildView({ tasks: tasks(file) })).claims).toEqual([
      { id: 'a', file, task: file.parsed?.ok ? file.parsed.value : null, record: null, attempt: 1, attempts: [] },
    ]);
  });

  it('claims over a waiting record with its history, the next number and the tier asked for', () => {
    const attempts = [buildEntry('failed', { attempt: 3 })];
    const waiting = buildWaiting('a', { attempts, next: { tier: 'opus' } });
    const { claims } = plan(buildView({ tasks: tasks(buildTask('a')), records: records(waiting) }));
    expect(claims).toMatchObject([{ attempt: 4, attempts, tier: 'opus', record: { oid: 'oid-waiting-a', value: waiting } }]);
  });

  it('forgets the tier when the task was edited, and keeps the history', () => {
    const waiting = buildWaiting('a', { attempts: [buildEntry('failed')], next: { tier: 'opus' } });
    const { claims } = plan(buildView({ tasks: tasks(buildTask('a', {}, 'edited')), records: records(waiting) }));
    expect(claims).toMatchObject([{ attempt: 2 }]);
    expect(claims[0]).not.toHaveProperty('tier');
  });

  it('gives every open task that it does not claim a reason, and finished ones none', () => {
    const view = buildView({
      tasks: tasks(buildTask('a', { hold: true }), buildTask('b'), buildTask('c')),
      records: records(buildClaim('b', 'pi')),
      results: new Map([['c', { id: 'c', path: 'results/2026-11-19/c.md', blob: 'r' }]]),
    });
    expect([...plan(view).waiting].map(([id, { kind }]) => [id, kind])).toEqual([
      ['a', 'hold'],
      ['b', 'claimed-elsewhere'],
    ]);
  });

  it('says when the next wait is over by itself', () => {
    const later = tasks(
      buildTask('a', { notBefore: NINE + 90_000 }),
      buildTask('b', { notBefore: NINE + 60_000 }),
      buildTask('c', { hold: true }),
    );
    expect(plan(buildView({ at: 500, tasks: later })).wakeAtElapsedMs).toBe(60_500);
    expect(plan(buildView({ tasks: many(1) })).wakeAtElapsedMs).toBeNull();
  });

  it('takes tasks that came together in an order of its own where another machine is live', () => {
    const parts = { tasks: many(12), workers: workers(buildHeartbeat('pi', 'p'), buildHeartbeat('laptop', 'l')) };
    const order = (machine: string) =>
      plan(buildView(parts), { self: buildSelf({ machine, slotsFree: 12 }) }).claims.map(({ id }) => id);
    expect(order('pi')).not.toEqual(order('laptop'));
  });
});

describe('any plan', () => {
  const file = fc.record({
    priority: fc.integer({ min: 0, max: 9 }),
    key: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
    hold: fc.boolean(),
    machine: fc.constantFrom('any', 'laptop', 'pi'),
    dependsOn: fc.array(fc.constantFrom('t0', 't1', 't2', 'gone'), { maxLength: 2 }),
    record: fc.constantFrom('none', 'claimed', 'waiting'),
  });
  const world = fc.record({
    files: fc.array(file, { maxLength: 15 }),
    slotsFree: fc.integer({ min: 0, max: 5 }),
    limit: fc.integer({ min: 0, max: 5 }),
  });
  const planOf = ({ files, slotsFree, limit }: typeof world extends fc.Arbitrary<infer T> ? T : never, reverse = false) => {
    const built = files.map(({ priority, key, hold, machine, dependsOn }, index) =>
      buildTask(`t${index}`, {
        priority,
        hold,
        dependsOn,
        machines: machine === 'any' ? 'any' : [machine],
        ...(key === undefined ? {} : { key }),
      }),
    );
    const held = files.flatMap(({ record, key }, index): QueueRecord[] => {
      const lock = key === undefined ? {} : { key: { name: key, oid: 'k' } };
      if (record === 'claimed') return [buildClaim(`t${index}`, 'pi', lock)];
      return record === 'waiting' ? [buildWaiting(`t${index}`)] : [];
    });
    const view = buildView({
      tasks: tasks(...(reverse ? built.reverse() : built)),
      records: records(...(reverse ? held.reverse() : held)),
    });
    return { view, ...plan(view, { self: buildSelf({ slotsFree }), limit }) };
  };

  it('never claims two tasks with one key, one that holds it included', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { claims, view } = planOf(given);
        const taken = [...view.records.values()].flatMap(({ value }) =>
          value.state === 'claimed' && value.key ? [value.key.name] : [],
        );
        const wanted = claims.flatMap(({ key }) => key ?? []);
        expect(new Set(wanted).size).toBe(wanted.length);
        expect(wanted.filter((key) => taken.includes(key))).toEqual([]);
      }),
    );
  });

  it('never claims more than there are slots, nor more than its limit', () => {
    fc.assert(
      fc.property(world, (given) => {
        expect(planOf(given).claims.length).toBeLessThanOrEqual(Math.min(given.slotsFree, given.limit));
      }),
    );
  });

  it('claims a task or says in words why not, never both', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { claims, waiting, view } = planOf(given);
        const claimed = claims.map(({ id }) => id);
        expect([...claimed, ...waiting.keys()].sort()).toEqual([...view.tasks.keys()].sort());
        for (const { text } of waiting.values()) expect(text).toMatch(/\w{2,}/);
      }),
    );
  });

  it('leaves no slot free while a task waits for one', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { claims, waiting } = planOf(given);
        const waits = [...waiting.values()].some(({ kind }) => kind === 'slots');
        expect(waits && claims.length < Math.min(given.slotsFree, given.limit)).toBe(false);
      }),
    );
  });

  it('is the same for the same queue, however the view is ordered', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { claims, waiting, wakeAtElapsedMs } = planOf(given);
        const other = planOf(given, true);
        expect(other.claims).toEqual(claims);
        expect([...other.waiting].sort()).toEqual([...waiting].sort());
        expect(other.wakeAtElapsedMs).toBe(wakeAtElapsedMs);
      }),
    );
  });
});
