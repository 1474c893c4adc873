import { type AttemptEntry, formatDuration } from '@errand/task';
import { describeSpent } from './attempt-words.ts';
import { describeProblem } from './failure.ts';
import { plainText } from './plain-text.ts';
import { spellTime } from './spell.ts';
import { oneLine, painter } from './table.ts';
import type { TaskReport } from './task-report.ts';
import { displayWidth } from './text-width.ts';
import { wrapText } from './wrap-text.ts';

const INDENT = '     ';

/** How it is shown: the width that it may take is infinite where nothing is to be wrapped. */
export interface TaskLook {
  colour: boolean;
  columns: number;
}

/** One task for people. */
export function renderTaskReport(report: TaskReport, { colour, columns }: TaskLook): string {
  const paint = painter(colour);
  const wrap = (text: string, first: string, next: string): string[] =>
    wrapText(oneLine(text), columns, { first, next, keepWords: true });
  const { id, path, title, state, reason, attempts, kept, machines, problems, text, result } = report;
  const lines = [
    `${paint('bold', oneLine(id))}  ${oneLine(title)}`,
    `${paint('dim', oneLine(path))}`,
    '',
    ...wrap(`${state}: ${reason}`, '', '  ').map((line, at) => (at === 0 ? line.replace(state, paint('bold', state)) : line)),
  ];
  // Where every machine says the same as the line above, that has been said.
  for (const machine of machines.every((one) => one.reason === reason) ? [] : machines)
    lines.push(...wrap(`${machine.name}: ${machine.reason ?? 'takes it at its next look'}`, '  ', '    '));
  for (const problem of problems) lines.push(describeProblem(problem).trimEnd());
  if (attempts.length > 0) lines.push('', paint('bold', 'Attempts'));
  for (const entry of attempts) {
    const { attempt, worker, agent, tier, outcome, cause, started_at, ended_at, count } = entry;
    const times = count === undefined || count === 1 ? '' : ` (${count} times)`;
    const what = `${spellTimes(started_at, ended_at)} on ${worker}: ${outcome}${cause === undefined ? '' : `, ${cause}`}`;
    // A command has no model, so its tier says nothing.
    const how = tier === undefined || agent === 'command' ? '' : `, ${tier}`;
    const who = oneLine(`${agent}${how}${times}`);
    const told = `  ${attempt}. ${oneLine(what)}`;
    if (displayWidth(`${told}  ${who}`) <= columns) lines.push(`${told}  ${paint('dim', who)}`);
    else lines.push(...wrap(what, `  ${attempt}. `, INDENT), ...wrap(who, INDENT, INDENT).map((line) => paint('dim', line)));
    for (const line of describeEvidence(entry)) lines.push(...wrap(line, INDENT, INDENT).map((part) => paint('dim', part)));
  }
  if (kept.length > 0) lines.push('', paint('bold', 'Kept on this machine alone'));
  for (const { path: place, attempt } of kept) {
    const how = attempt === null ? '' : `attempt ${attempt.attempt} on ${attempt.worker}, ${describeKept(attempt)}: `;
    lines.push(...wrap(`${how}${place}`, '  ', INDENT));
    if (attempt?.cause !== undefined) lines.push(...wrap(attempt.cause, INDENT, INDENT).map((line) => paint('dim', line)));
  }
  if (result) lines.push('', paint('bold', 'Answer'), plainText(result.answer));
  if (text !== null) lines.push('', paint('bold', 'Task'), plainText(text.trimEnd()));
  return `${lines.join('\n')}\n`;
}

/** What was kept of a fenced attempt is no result; any other is a whole one. */
function describeKept({ outcome, ended_at: endedAt }: { outcome: string; ended_at: string }): string {
  return outcome === 'fenced' ? `which had to stop at ${spellTime(endedAt)}` : `${outcome} at ${spellTime(endedAt)}`;
}

/** When an attempt ended, and how long it took where its entry says when it began. */
function spellTimes(startedAt: string | undefined, endedAt: string): string {
  const tookMs = startedAt === undefined ? Number.NaN : Date.parse(endedAt) - Date.parse(startedAt);
  return tookMs >= 0 ? `${spellTime(endedAt)} after ${formatDuration(tookMs)}` : spellTime(endedAt);
}

/** What an attempt took and left behind, as far as its entry says. */
function describeEvidence(entry: AttemptEntry): string[] {
  const { model, session, branch, commits = [] } = entry;
  const spent = describeSpent(entry);
  const made = commits.length === 0 ? '' : `: ${commits.map((commit) => commit.slice(0, 10)).join(' ')}`;
  return [
    ...(spent === '' ? [] : [model === undefined ? spent : `${model}: ${spent}`]),
    ...(session === undefined ? [] : [`session ${session}`]),
    ...(branch === undefined ? [] : [`branch ${branch}${made}`]),
  ];
}
