import type { Remark } from '../events.ts';
import type { AheadCommit, Change, Engagement, Survey } from '../survey/survey.ts';
import type { Network, PushPause } from './network.ts';
import { findSetback, groupChanges, type Setback, type Setbacks } from './setbacks.ts';
import { findSettled, type Settling } from './settle.ts';
import { sortChanges } from './sort-changes.ts';

/** What a watcher does in the checkout. */
export type LocalStep =
  /** Takes the branch to what the remote has, where nothing of ours is on top. */
  | { do: 'advance'; head: string; to: string }
  /** Joins commits of the watcher's own with what the remote has. */
  | { do: 'join'; head: string; with: string }
  | { do: 'commit'; head: string; changes: readonly Change[] };

/** What a watcher does next; one thing at a time, and then it looks again. */
export type Step =
  | LocalStep
  | { do: 'push'; commit: string }
  | { do: 'fetch' }
  /**
   * Nothing, until something happens or this time has come. `isQuiet`: nothing is under way that ends by itself, but for the files
   * that are `unsettled`.
   */
  | { do: 'rest'; untilMs: number; isQuiet: boolean; unsettled: readonly string[] };

/** What the watcher remembers from one look to the next. */
export interface Memory {
  settling: Settling;
  network: Network;
  pushPause: PushPause;
  /** Since when the person has been in the middle of this. */
  engagedSinceMs: number | null;
  /** Local steps that did not work, so that they are not tried again at once. */
  setbacks: Setbacks;
}

export interface Pace {
  nowMs: number;
  settleMs: number;
  intervalMs: number;
}

/** What there is to do, and what there is to say. */
export interface Turn {
  step: Step;
  remarks: readonly Remark[];
}

/** What passes by itself mostly is not told before it has lasted so long. */
const PASSING_MS = 2_000;
const ENGAGED_LOOK_MS = 1_000;
const PASSING_LOOK_MS = 150;
/** What was fetched so lately is taken for the present; a commit on top of it is seldom overtaken. */
const FRESH_MS = 2_000;
/** How long a commit waits for a fetch that is under way. */
const FETCH_PATIENCE_MS = 3_000;

/** A lock comes and goes with every git command of the person's, and a git that fails once may not fail again. */
export function mayPass({ what }: Engagement): boolean {
  return what === 'index-locked' || what === 'unreadable';
}

/** Decides the next step from what was seen and what is remembered. Pure. */
export function planTurn(survey: Survey, memory: Memory, pace: Pace): Turn {
  const { nowMs } = pace;
  const away: Remark[] = memory.network.is === 'away' ? [{ type: 'remote-away', cause: memory.network.cause }] : [];
  if (memory.network.is === 'fetching' && memory.network.cause !== null)
    away.push({ type: 'remote-away', cause: memory.network.cause });
  if (survey.state === 'engaged') {
    const { engagement } = survey;
    const forMs = nowMs - (memory.engagedSinceMs ?? nowMs);
    const isTold = !mayPass(engagement) || forMs >= PASSING_MS;
    const untilMs = nowMs + (isTold ? ENGAGED_LOOK_MS : PASSING_LOOK_MS);
    return {
      step: { do: 'rest', untilMs, isQuiet: isTold, unsettled: [] },
      remarks: [...away, ...(isTold ? [{ type: 'engaged', engagement } as const] : [])],
    };
  }
  const { head, upstream, ahead, behind } = survey;
  const settled = findSettled(memory.settling, survey.changes, pace);
  const sorted = sortChanges(survey, settled.settled);
  const takenBack = ahead.filter((commit) => commit.takenBack);
  const theirs = ahead.filter((commit) => !commit.byWatcher && !commit.takenBack);
  const mayExchange = theirs.length === 0 && takenBack.length === 0;
  const waiting = listUnsent(ahead);
  const remarks: Remark[] = [...away, ...sorted.remarks, ...survey.ignored.map((path) => ({ type: 'ignored', path }) as const)];
  const [newest] = takenBack;
  if (newest !== undefined) {
    remarks.push({ type: 'taken-back', newest: newest.oid, subjects: takenBack.map(({ subject }) => subject), waiting, behind });
  } else if (theirs.length > 0 && (behind > 0 || waiting.length > 0)) {
    remarks.push({ type: 'own-commits', subjects: theirs.map(({ subject }) => subject), waiting, behind });
  }
  const { refused } = memory.pushPause;
  if (refused !== null && refused.commit === head && upstream !== null) {
    remarks.push({ type: 'push-refused', ids: waiting, text: refused.cause, base: upstream });
  }

  const steps: LocalStep[] = [];
  if (behind > 0 && upstream !== null && mayExchange) {
    steps.push(ahead.length === 0 ? { do: 'advance', head, to: upstream } : { do: 'join', head, with: upstream });
  }
  if (!settled.mayWaitForMore) {
    steps.push(...groupChanges(memory.setbacks, sorted.fit).map((changes) => ({ do: 'commit', head, changes }) as const));
  }
  const setbacks = steps.flatMap((one) => findSetback(memory.setbacks, one) ?? []);
  remarks.push(...setbacks.flatMap(({ remark }) => remark ?? []));
  const step = steps.find((one) => (findSetback(memory.setbacks, one)?.notBeforeMs ?? nowMs) <= nowMs);

  const toPush = ahead.length > 0 && mayExchange && behind === 0 ? head : null;
  const onNetwork = planNetwork(memory, pace, toPush, step?.do === 'commit');
  if (step?.do === 'commit') {
    // On top of what the remote has now, a commit is not overtaken; but it waits for no remote that hangs.
    if (onNetwork?.do === 'fetch' && memory.network.is === 'idle') return { step: onNetwork, remarks };
    const { network } = memory;
    const patientUntilMs = network.is === 'fetching' && network.failures === 0 ? network.sinceMs + FETCH_PATIENCE_MS : nowMs;
    if (patientUntilMs > nowMs) {
      return { step: { do: 'rest', untilMs: patientUntilMs, isQuiet: false, unsettled: settled.unsettled }, remarks };
    }
  }
  const next = step ?? onNetwork ?? rest(memory, pace, { settled, toPush, setbacks });
  return { step: next, remarks };
}

/** Tasks whose commits the watcher made and has yet to send. */
export function listUnsent(ahead: readonly AheadCommit[]): readonly string[] {
  return [...new Set(ahead.flatMap(({ byWatcher, takenBack, ids }) => (byWatcher && !takenBack ? ids : [])))];
}

function planNetwork({ network, pushPause }: Memory, { nowMs }: Pace, toPush: string | null, wantsFresh = false): Step | null {
  switch (network.is) {
    case 'fetching':
    case 'pushing':
      return null;
    case 'away':
      return network.retryMs <= nowMs ? { do: 'fetch' } : null;
    case 'idle': {
      const isFresh = network.fetchedMs !== null && nowMs - network.fetchedMs < FRESH_MS;
      if (wantsFresh && !isFresh) return { do: 'fetch' };
      if (network.fetchDueMs <= nowMs) return { do: 'fetch' };
      return toPush !== null && mayPush(pushPause, toPush, nowMs) ? { do: 'push', commit: toPush } : null;
    }
  }
}

function mayPush({ notBeforeMs, refused }: PushPause, commit: string, nowMs: number): boolean {
  return notBeforeMs <= nowMs || (refused !== null && refused.commit !== commit);
}

interface Awaited {
  settled: { nextMs: number | null; unsettled: readonly string[] };
  toPush: string | null;
  setbacks: readonly Setback[];
}

/** Nothing to do now: until when, and whether something is still under way that ends by itself. */
function rest({ network, pushPause }: Memory, { nowMs, intervalMs }: Pace, { settled, toPush, setbacks }: Awaited): Step {
  const times = [nowMs + intervalMs, ...setbacks.map(({ notBeforeMs }) => notBeforeMs)];
  if (settled.nextMs !== null) times.push(settled.nextMs);
  if (network.is === 'idle') times.push(network.fetchDueMs);
  if (network.is === 'away') times.push(network.retryMs);
  const waitsToPush = toPush !== null && network.is === 'idle';
  if (waitsToPush) times.push(pushPause.notBeforeMs);
  const isBusy = network.is === 'fetching' || network.is === 'pushing' || (waitsToPush && pushPause.refused === null);
  const isQuiet = !isBusy && setbacks.every(({ remark }) => remark !== null);
  return { do: 'rest', untilMs: Math.min(...times.filter((ms) => ms > nowMs)), isQuiet, unsettled: settled.unsettled };
}
