import type { Dice } from '../rig/dice.ts';
import { noteAround } from './evidence.ts';

/** A task that somebody files. */
export interface Work {
  id: string;
  key: string | null;
  /** The only machine that may run it. */
  machine: string | null;
  text: string;
  /** What its agent answers when it succeeds; null where it always fails. */
  answer: string | null;
  /** Whether its agent is meant to fail in this attempt, with an exit status of its own. */
  failsIn(attempt: number): boolean;
}

const KEYS = ['deploy', 'backup', 'release'] as const;

/** Mostly up to two seconds of work for whoever comes first; a few that fail, that one machine alone may run, that run one at a time. */
export function makeWork(dice: Dice, number: number, machines: readonly string[]): Work {
  const id = `task-${String(number).padStart(5, '0')}`;
  const key = dice.chance(0.1) ? dice.pick(KEYS) : null;
  const machine = dice.chance(0.06) ? (dice.pick(machines) ?? null) : null;
  const fate = dice.next();
  const answer = fate < 0.03 ? null : `${id} is done`;
  const failsAtFirst = answer !== null && fate < 0.09;
  const lines = [
    '---',
    `title: ${id}`,
    'agent: command',
    'retries: 1',
    ...(key === null ? [] : [`key: ${key}`]),
    ...(machine === null ? [] : [`machine: ${machine}`]),
    '---',
    noteAround(`sleep ${(dice.next() * 2).toFixed(2)}`),
    ...(failsAtFirst ? ['[ "$ERRAND_ATTEMPT" -gt 1 ] || exit 3'] : []),
    answer === null ? 'exit 3' : `echo ${answer}`,
    '',
  ];
  const failsIn = (attempt: number): boolean => answer === null || (failsAtFirst && attempt === 1);
  return { id, key, machine, text: lines.join('\n'), answer, failsIn };
}
