import type { AttemptEntry } from '@errand/task';
import { describeSpent } from './attempt-words.ts';
import { describeProblem } from './failure.ts';
import { spellTime } from './spell.ts';
import { oneLine, painter } from './table.ts';
import type { TaskReport } from './task-report.ts';

/** One task for people. */
export function renderTaskReport(report: TaskReport, colour: boolean): string {
  const paint = painter(colour);
  const { id, path, title, state, reason, attempts, machines, problems, text, result } = report;
  const lines = [
    `${paint('bold', id)}  ${oneLine(title)}`,
    `${paint('dim', path)}`,
    '',
    `${paint('bold', state)}: ${oneLine(reason)}`,
  ];
  for (const machine of machines)
    lines.push(`  ${machine.name}: ${machine.reason === null ? 'takes it at its next look' : oneLine(machine.reason)}`);
  for (const problem of problems) lines.push(describeProblem(problem).trimEnd());
  if (attempts.length > 0) lines.push('', paint('bold', 'Attempts'));
  for (const entry of attempts) {
    const { attempt, worker, agent, tier, outcome, cause, ended_at, count } = entry;
    const times = count === undefined || count === 1 ? '' : ` (${count} times)`;
    lines.push(
      `  ${attempt}. ${spellTime(ended_at)} on ${worker}: ${outcome}${cause === undefined ? '' : `, ${oneLine(cause)}`}  ${paint('dim', `${agent}${tier === undefined ? '' : `, ${tier}`}${times}`)}`,
    );
    for (const line of describeEvidence(entry)) lines.push(paint('dim', `     ${oneLine(line)}`));
  }
  if (result) lines.push('', paint('bold', 'Answer'), printable(result.answer));
  if (text !== null) lines.push('', paint('bold', 'Task'), printable(text.trimEnd()));
  return `${lines.join('\n')}\n`;
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

/** Text of others may have lines and tabs, and must not steer the terminal. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '�');
}
