import type { Result } from '@errand/task';
import type { PickUp } from './orphans.ts';

/** What a run of the chaos came to. */
export interface ChaosReport {
  seed: number;
  seconds: number;
  /** From the end of the faults until all was recorded, milliseconds. */
  settledMs: number;
  filed: number;
  struck: ReadonlyMap<string, number>;
  results: ReadonlyMap<string, Result>;
  runs: number;
  workerStarts: number;
  suspicions: number;
  fenced: number;
  answersLost: number;
  locksRemoved: number;
  /** Two agents at once, by whether the holder of the first had been silent for a ttl. */
  doubles: { excused: number; unexcused: number };
  pickUps: readonly PickUp[];
  recordedAsTheyWere: number;
  heldOn: number;
  notifications: number;
  /** The repository and the private clones. */
  clones: { looked: number; sound: number };
  ownEnds: readonly string[];
  problems: readonly string[];
}

export function renderReport(report: ChaosReport): string {
  const { results, doubles, clones } = report;
  const states = countBy([...results.values()].map(({ state }) => state));
  const outcomes = countBy(
    [...results.values()].flatMap(({ attempts }) => attempts.flatMap(({ outcome, count = 1 }) => Array(count).fill(outcome))),
  );
  const lines = [
    `Chaos of ${report.seconds} s, seed ${report.seed}: ${report.problems.length === 0 ? 'clean' : `${report.problems.length} violations`}.`,
    '',
    '| what | how much |',
    '|---|---|',
    row('strikes', sum(report.struck.values())),
    row('tasks filed', report.filed),
    row('tasks recorded once', `${results.size} (${spell(states)})`),
    row('attempts recorded, by outcome', spell(outcomes)),
    row('agents that began', report.runs),
    row('two agents of one task or key at once, after the first’s holder had been silent for a ttl', doubles.excused),
    row('two at once without that', doubles.unexcused),
    row('results that came too late and were fenced', report.fenced),
    row('times a machine was taken for dead', report.suspicions),
    row('starts of workers', report.workerStarts),
    row('workers that ended by themselves', report.ownEnds.length),
    row('answers lost after the push was applied (HTTP)', report.answersLost),
    row('locks of killed servers that the owner removed', report.locksRemoved),
    row('notifications taken', report.notifications),
    row('all was recorded after the faults ended', seconds(report.settledMs)),
    row('sound of the repository and the clones', `${clones.sound} of ${clones.looked}`),
    '',
    '| work whose holder | times | half within | 90 % | 99 % | longest |',
    '|---|---|---|---|---|---|',
    ...(['died', 'stopped', 'cut off'] as const).map((loss) =>
      spread(
        loss,
        report.pickUps.filter((one) => one.loss === loss),
      ),
    ),
    spread('(all)', report.pickUps),
    '',
    `Its next attempt began then. ${report.heldOn} times the holder went on itself; ${report.recordedAsTheyWere} times there was nothing left to run.`,
    '',
    '| what struck | times |',
    '|---|---|',
    ...[...report.struck].sort(([, a], [, b]) => b - a).map(([name, times]) => row(name, times)),
    ...(report.problems.length === 0 ? [] : ['', 'Violations:', '', ...report.problems.map((problem) => `- ${problem}`)]),
    ...report.ownEnds.map((end) => `\nended by itself: ${end}`),
  ];
  return lines.join('\n');
}

function spread(name: string, pickUps: readonly PickUp[]): string {
  const sorted = pickUps.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const at = (share: number): string => (sorted.length === 0 ? '–' : seconds(sorted[Math.ceil(share * sorted.length) - 1] ?? 0));
  return `| ${name} | ${sorted.length} | ${at(0.5)} | ${at(0.9)} | ${at(0.99)} | ${at(1)} |`;
}

function row(what: string, value: string | number): string {
  return `| ${what} | ${value} |`;
}

/** Rounded up: nothing is told shorter than it was. */
function seconds(ms: number): string {
  return `${(Math.ceil(ms / 100) / 10).toFixed(1)} s`;
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, one) => total + one, 0);
}

function countBy(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function spell(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([word, count]) => `${word} ${count}`).join(', ');
}
