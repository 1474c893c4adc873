import { formatCost } from '@errand/task';
import { hidePassword } from './remote-failure.ts';
import type { AgentLine, MachineLine, StatusReport, TaskLine } from './status-report.ts';
import { type Cell, oneLine, painter, renderTable } from './table.ts';

/** How the report is shown. */
export interface Look {
  colour: boolean;
  columns: number;
  /** Wall clock, milliseconds. */
  now: number;
}

const TASK_ORDER = ['running', 'queued', 'waiting', 'blocked', 'invalid'] as const;
const MAX_TASKS = 40;
const STYLES = {
  running: 'green',
  queued: 'cyan',
  waiting: 'yellow',
  blocked: 'yellow',
  invalid: 'red',
  done: 'green',
  failed: 'red',
  cancelled: 'dim',
} as const;

/** The status for people. */
export function renderStatus(report: StatusReport, { colour, columns, now }: Look): string {
  const paint = painter(colour);
  const head = (text: string): string => `\n${paint('bold', text)}\n`;
  const tip = report.head === null ? (report.away ? 'never seen' : 'no branch yet: errand init') : report.head.slice(0, 8);
  const parts = [`${paint('bold', hidePassword(report.queue))}  ${report.branch}  ${paint('dim', tip)}\n`];
  if (report.away) {
    const since = report.away.seen_at === null ? '' : `, as of ${spellAge(report.away.seen_at, now)} ago`;
    parts.push(`${paint('yellow', `The remote is away${since}:`)} ${oneLine(report.away.message)}\n`);
  }
  if (report.unsent.length > 0) parts.push(`${paint('yellow', 'Not sent yet:')} ${report.unsent.join(', ')}\n`);
  parts.push(head('Machines'));
  parts.push(
    report.machines.length === 0
      ? '  none yet: errand worker starts one\n'
      : renderTable(
          report.machines.map((machine) => [
            { text: machine.name },
            machine.online
              ? { text: 'online', paint: (text) => paint('green', text) }
              : { text: 'offline', paint: (text) => paint('dim', text) },
            { text: machine.online ? `${machine.running.length}/${machine.slots}` : '' },
            { text: describeMachine(machine, now) },
          ]),
          columns,
        ),
  );
  const tasks = [...report.tasks]
    .filter(({ state }) => state !== 'invalid')
    .sort((a, b) => TASK_ORDER.indexOf(a.state) - TASK_ORDER.indexOf(b.state));
  parts.push(head(`Tasks (${report.tasks.length} open)`));
  if (tasks.length > 0)
    parts.push(
      renderTable(
        tasks.slice(0, MAX_TASKS).map((task) => taskCells(task, paint)),
        columns,
      ),
    );
  if (tasks.length > MAX_TASKS) parts.push(paint('dim', `  and ${tasks.length - MAX_TASKS} more: errand list\n`));
  if (report.invalid.length > 0) {
    parts.push(head('Invalid files'));
    for (const { path, line, column, code, message } of report.invalid) {
      parts.push(`  ${paint('red', `${oneLine(path)}:${line}:${column}`)} ${code}\n    ${oneLine(message)}\n`);
    }
  }
  if (report.recent.length > 0) {
    parts.push(head('Recent'));
    parts.push(
      renderTable(
        report.recent.map((result) => [
          { text: result.state, paint: (text) => paint(STYLES[result.state], text) },
          { text: result.id },
          { text: result.tier ?? '' },
          { text: result.worker ?? '' },
          {
            text: `${spellAge(result.finished_at, now)} ago${result.cost_usd === null ? '' : `, ${formatCost({ usd: result.cost_usd, estimated: false })}`}`,
          },
        ]),
        columns,
      ),
    );
  }
  return parts.join('');
}

/** What is paused there comes first: it must not be cut. */
function describeMachine({ agents, running, capabilities }: MachineLine, now: number): string {
  const pauses = agents.flatMap((agent) => describePause(agent, now) ?? []);
  const rest = [...running, ...capabilities.map((name) => `+${name}`)].join(' ');
  return [...pauses, rest].filter((part) => part !== '').join('; ');
}

/** `claude limited until 14:05 UTC (five_hour limit)`; another day than today has its date. */
function describePause({ name, paused_until: until, reason }: AgentLine, now: number): string | null {
  if (until === null) return null;
  const time = new Date(until).toISOString();
  const isToday = time.slice(0, 10) === new Date(now).toISOString().slice(0, 10);
  const verb = reason !== null && /limit/i.test(reason) ? 'limited' : 'paused';
  const why = reason === null ? '' : ` (${reason})`;
  return `${name} ${verb} until ${isToday ? time.slice(11, 16) : time.slice(0, 16).replace('T', ' ')} UTC${why}`;
}

/** State, id and why: one line of a task. */
export function taskCells(
  { state, id, reason }: Pick<TaskLine, 'id' | 'reason'> & { state: keyof typeof STYLES },
  paint: ReturnType<typeof painter>,
): Cell[] {
  return [{ text: state, paint: (text) => paint(STYLES[state], text) }, { text: id }, { text: reason }];
}

/** `3 min`, `2 h`: how long ago a moment was. */
function spellAge(iso: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
