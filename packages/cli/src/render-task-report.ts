import { describeProblem } from './failure.ts';
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
  for (const { attempt, worker, agent, tier, outcome, cause, ended_at, count } of attempts) {
    const times = count === undefined || count === 1 ? '' : ` (${count} times)`;
    lines.push(
      `  ${attempt}. ${ended_at} on ${worker}: ${outcome}${cause === undefined ? '' : `, ${oneLine(cause)}`}  ${paint('dim', `${agent}${tier === undefined ? '' : `, ${tier}`}${times}`)}`,
    );
  }
  if (result) lines.push('', paint('bold', 'Answer'), printable(result.answer));
  if (text !== null) lines.push('', paint('bold', 'Task'), printable(text.trimEnd()));
  return `${lines.join('\n')}\n`;
}

/** Text of others may have lines and tabs, and must not steer the terminal. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '�');
}
