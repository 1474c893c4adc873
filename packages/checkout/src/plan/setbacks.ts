import type { LocalEnd } from '../apply/commit-changes.ts';
import type { Remark } from '../events.ts';
import type { Change } from '../survey/survey.ts';
import { backoffMs } from './network.ts';
import type { LocalStep } from './plan-turn.ts';

/** A local step that did not work: the same is not tried again before its time. */
export interface Setback {
  notBeforeMs: number;
  failures: number;
  /** Null as long as nobody needs to hear of it. */
  remark: Remark | null;
}

/** By the name of what was tried, which is another as soon as anything changes that it depends on. */
export type Setbacks = ReadonlyMap<string, Setback>;

export type StepEnd = LocalEnd | { how: 'conflict'; paths: readonly string[] };

const BLOCKED = { firstMs: 5_000, longestMs: 60_000 };
const REFUSED = { firstMs: 5_000, longestMs: 600_000 };
/** A step that lost a race for a lock is tried again before anybody hears of it. */
const SECOND_TRY_MS = 300;

/** What became of the same step before, if it did not work. */
export function findSetback(setbacks: Setbacks, step: LocalStep): Setback | null {
  return setbacks.get(nameStep(step)) ?? null;
}

/** Which changes are committed together: all of them, but for those that are on probation, each for itself. */
export function groupChanges(setbacks: Setbacks, changes: readonly Change[]): readonly (readonly Change[])[] {
  const isAlone = (change: Change): boolean => setbacks.has(nameChanges([change]));
  const together = changes.filter((change) => !isAlone(change));
  return [...(together.length > 0 ? [together] : []), ...changes.filter(isAlone).map((change) => [change])];
}

/** What is remembered after a step. When several changes are refused together, each is tried alone: one may be to blame for all. */
export function noteEnd(
  setbacks: Setbacks,
  step: LocalStep,
  end: StepEnd,
  { nowMs, random }: { nowMs: number; random: () => number },
): Setbacks {
  const noted = new Map(setbacks);
  const name = nameStep(step);
  const failures = (setbacks.get(name)?.failures ?? 0) + 1;
  noted.delete(name);
  switch (end.how) {
    case 'done':
    case 'overtaken':
      return noted;
    case 'conflict':
      // It stays one until either side changes, and that is another step.
      return noted.set(name, {
        failures,
        notBeforeMs: Number.POSITIVE_INFINITY,
        remark: { type: 'conflict', paths: end.paths },
      });
    case 'refused': {
      const isCommit = step.do === 'commit';
      const isKnown = end.paths.length > 0 && !isCommit;
      if (failures === 1 && !isKnown) return noted.set(name, { failures, notBeforeMs: nowMs + SECOND_TRY_MS, remark: null });
      if (isCommit && step.changes.length > 1) {
        for (const change of step.changes) noted.set(nameChanges([change]), { failures: 1, notBeforeMs: nowMs, remark: null });
        return noted;
      }
      const laterMs = nowMs + backoffMs(failures, isCommit ? REFUSED : BLOCKED, random);
      return noted.set(name, { failures, notBeforeMs: laterMs, remark: refusal(step, end) });
    }
  }
}

/** Forgets steps that can no longer come: every change that is still there has its name among these. */
export function forgetPast(setbacks: Setbacks, head: string, changes: readonly Change[]): Setbacks {
  const there = new Set(changes.map((change) => nameChanges([change])));
  const mayCome = (name: string): boolean =>
    name.startsWith(PULL) ? name.startsWith(`${PULL}${head} `) : name.split(BETWEEN).every((part) => there.has(part));
  return new Map([...setbacks].filter(([name]) => mayCome(name)));
}

const PULL = 'pull ';
/** In no name of a file. */
const BETWEEN = '\0';

/** A name for what a step tries, the same as long as nothing that it depends on has changed. */
export function nameStep(step: LocalStep): string {
  switch (step.do) {
    case 'advance':
      return `${PULL}${step.head} ${step.to}`;
    case 'join':
      return `${PULL}${step.head} ${step.with}`;
    case 'commit':
      return nameChanges(step.changes);
  }
}

function nameChanges(changes: readonly Change[]): string {
  return changes.map(({ path, fingerprint }) => `commit ${path} ${fingerprint}`).join(BETWEEN);
}

function refusal(step: LocalStep, end: Extract<LocalEnd, { how: 'refused' }>): Remark {
  return step.do === 'commit'
    ? { type: 'commit-refused', ids: step.changes.map(({ id }) => id), text: end.text }
    : { type: 'pull-blocked', paths: end.paths, text: end.text };
}
