import type { AttemptEntry, Outcome } from '@errand/task';
import { describe, expect, it } from 'vitest';
import { appendAttempt } from './history.ts';
import { type Cause, type Remedy, remedy } from './remedy.ts';
import { buildEntry } from './rig/worlds.ts';

const plain: Cause = { kind: 'plain' };
const half = () => 0.5;
const after = (
  outcome: Outcome,
  changes: Partial<AttemptEntry> = {},
  { history = [], cause = plain, retries = 2 }: { history?: AttemptEntry[]; cause?: Cause; retries?: number } = {},
): Remedy => remedy(buildEntry(outcome, changes), cause, history, { retries }, half);
const failed = { kind: 'record', state: 'failed' };

describe('an attempt that ended', () => {
  it.each([
    ['done', { kind: 'record', state: 'done' }],
    ['refused', failed],
    ['over-budget', failed],
    ['blocked', failed],
    ['cancelled', { kind: 'record', state: 'cancelled' }],
    ['fenced', { kind: 'drop' }],
  ] as const)('as %s is not tried again', (outcome, expected) => {
    expect(after(outcome)).toEqual(expected);
    expect(after(outcome, {}, { retries: 9 })).toEqual(expected);
  });

  it('says on which machine and by what evidence it waits', () => {
    expect(after('failed', { cause: 'exit status 3' })).toMatchObject({ reason: 'failed on `pi`: exit status 3' });
    expect(after('failed')).toMatchObject({ reason: 'failed on `pi`' });
  });
});

describe('a failed attempt', () => {
  it.each([
    [0, 10, '2026-11-20T09:00:10.000Z'],
    [1, 40, '2026-11-20T09:00:40.000Z'],
    [2, 160, '2026-11-20T09:02:40.000Z'],
    [6, 3600, '2026-11-20T10:00:00.000Z'],
  ])('after %i others waits %i s and keeps its tier', (before, wait_s, retry_at) => {
    const history = Array.from({ length: before }, () => buildEntry('failed'));
    const next = { retry_at, wait_s, tier: 'sonnet' };
    expect(after('failed', { tier: 'sonnet' }, { history, retries: 9 })).toMatchObject({ kind: 'wait', next });
  });

  it('is followed by as many tries as `retries` says, then by a failed result', () => {
    const two = [buildEntry('failed'), buildEntry('failed')];
    expect(after('failed', {}, { history: two.slice(1) })).toMatchObject({ kind: 'wait' });
    expect(after('failed', {}, { history: two })).toEqual(failed);
    expect(after('failed', {}, { retries: 0 })).toEqual(failed);
  });

  it('counts neither attempts at another blob nor uncounted ones', () => {
    const history = [buildEntry('failed', { task: 'old' }), buildEntry('failed', { task: 'old' }), buildEntry('auth')];
    expect(after('failed', {}, { history })).toMatchObject({ kind: 'wait', next: { wait_s: 10 } });
  });

  it('goes one tier up at once where the model was not up to it', () => {
    const cause: Cause = { kind: 'capability' };
    expect(after('failed', { tier: 'haiku' }, { cause })).toMatchObject({ kind: 'wait', next: { tier: 'sonnet' } });
    expect(after('failed', { tier: 'sonnet' }, { cause })).toEqual({
      kind: 'wait',
      next: { tier: 'opus' },
      reason: 'failed on `pi`',
    });
  });

  it('waits like any other where there is no higher tier', () => {
    const cause: Cause = { kind: 'capability' };
    expect(after('failed', { tier: 'opus' }, { cause })).toMatchObject({ next: { tier: 'opus', wait_s: 10 } });
    expect(after('failed', {}, { cause })).toMatchObject({ next: { wait_s: 10 } });
  });
});

describe('an attempt that ran out of time', () => {
  it.each(['timed-out', 'stalled'] as const)('(%s) is resumed once at once, then begun afresh', (outcome) => {
    const session = 'b6f1';
    const next = (history: AttemptEntry[]) => {
      const decided = after(outcome, { session }, { history, retries: 9 });
      return decided.kind === 'wait' ? decided.next : null;
    };
    expect(next([])).toEqual({ session: { id: session, worker: 'pi' } });
    expect(next([buildEntry('timed-out')])).toEqual({});
    expect(next([buildEntry('timed-out'), buildEntry('failed')])).toMatchObject({ session: { id: session } });
  });

  it.each(['failed', 'lost', 'stopped', 'rate-limited', 'unavailable'] as const)(
    'its session is gone on with after %s only where that was not the fault of the attempt',
    (outcome) => {
      const decided = after(outcome, { session: 'b6f1' });
      expect(decided.kind === 'wait' && decided.next.session !== undefined).toBe(outcome !== 'failed');
    },
  );
});

describe('an attempt that met a limit', () => {
  it('waits on its machine until a minute after the reset; others may take it at once', () => {
    const cause: Cause = { kind: 'limit', resetsAt: Date.parse('2026-11-20T11:00:00Z') };
    expect(after('rate-limited', { tier: 'opus' }, { cause })).toMatchObject({
      next: { retry_at: '2026-11-20T11:01:00.000Z', wait_s: 7260, not_on: ['pi'], tier: 'opus' },
    });
  });

  it.each([
    ['no reset was announced', plain, 900],
    ['the reset is no time', { kind: 'limit', resetsAt: Number.NaN } as const, 900],
    ['the reset is past', { kind: 'limit', resetsAt: 0 } as const, 60],
    ['the reset is years away', { kind: 'limit', resetsAt: 9e12 } as const, 8 * 86_400],
  ])('where %s', (_, cause, wait_s) => {
    expect(after('rate-limited', {}, { cause })).toMatchObject({ next: { wait_s, not_on: ['pi'] } });
  });

  it('never counts, however often', () => {
    const history = [buildEntry('rate-limited', { count: 500 })];
    expect(after('rate-limited', {}, { history, retries: 0 })).toMatchObject({ kind: 'wait' });
  });
});

describe('an attempt that found no login', () => {
  it('is left to other machines at once, and to its own after a while', () => {
    expect(after('auth', {}, { retries: 0 })).toMatchObject({ kind: 'wait', next: { wait_s: 900, not_on: ['pi'] } });
  });
});

describe('an attempt that found the service away', () => {
  const away = (count: number, startedAt: string) => [buildEntry('unavailable', { count, started_at: startedAt })];

  it('waits longer each time, up to a quarter of an hour', () => {
    const waits = [0, 1, 2, 6, 50].map((count) => {
      const history = count === 0 ? [] : away(count, '2026-11-20T08:59:00Z');
      const decided = after('unavailable', {}, { history });
      return decided.kind === 'wait' ? decided.next.wait_s : null;
    });
    expect(waits).toEqual([8, 15, 30, 480, 675]);
  });

  it('waits between half and the whole of its delay, at random', () => {
    const at = (random: number) =>
      remedy(buildEntry('unavailable'), plain, away(50, '2026-11-20T08:00:00Z'), { retries: 0 }, () => random);
    expect(at(0)).toMatchObject({ next: { wait_s: 450 } });
    expect(at(0.999999)).toMatchObject({ next: { wait_s: 900 } });
  });

  it('fails after a day of it', () => {
    expect(after('unavailable', {}, { history: away(90, '2026-11-19T09:00:01Z') })).toMatchObject({ kind: 'wait' });
    expect(after('unavailable', {}, { history: away(90, '2026-11-19T09:00:00Z') })).toEqual(failed);
  });

  it('measures the day over machines that take turns', () => {
    const turns = [
      buildEntry('unavailable', { worker: 'laptop', started_at: '2026-11-19T08:00:00Z' }),
      buildEntry('unavailable', { started_at: '2026-11-20T08:00:00Z' }),
    ];
    expect(after('unavailable', {}, { history: turns })).toEqual(failed);
  });

  it('begins a new day after anything else happened', () => {
    const history = appendAttempt(away(90, '2026-11-01T00:00:00Z'), buildEntry('rate-limited'));
    expect(after('unavailable', {}, { history })).toMatchObject({ kind: 'wait' });
  });
});

describe('an attempt that was lost', () => {
  it('is tried again at once', () => {
    expect(after('lost')).toEqual({ kind: 'wait', next: {}, reason: 'lost on `pi`' });
  });

  it('fails the task the second time in a row, whatever `retries` says', () => {
    expect(after('lost', {}, { history: [buildEntry('lost')], retries: 9 })).toEqual(failed);
  });

  it('does not where something else came between, or the task was edited', () => {
    expect(after('lost', {}, { history: [buildEntry('lost'), buildEntry('failed')], retries: 9 })).toMatchObject({
      kind: 'wait',
    });
    expect(after('lost', {}, { history: [buildEntry('lost', { task: 'old' })] })).toMatchObject({ kind: 'wait' });
  });

  it('counts as a try', () => {
    expect(after('lost', {}, { retries: 0 })).toEqual(failed);
  });
});

describe('an attempt whose worker was shut down', () => {
  it('is due at once, uncounted', () => {
    expect(after('stopped', {}, { retries: 0 })).toEqual({ kind: 'wait', next: {}, reason: 'stopped on `pi`' });
  });
});
