import { formatCost } from '@errand/task';
import { count, spellAge } from './spell.ts';
import { renderEntries } from './status/entry.ts';
import { machineEntries } from './status/machine-entries.ts';
import { STATE_STYLES } from './status/state-styles.ts';
import { listTasks, taskEntry } from './status/task-entries.ts';
import type { StatusReport } from './status-report.ts';
import { type Cell, oneLine, painter, renderTable } from './table.ts';
import { cutFromLeft, cutToWidth, displayWidth } from './text-width.ts';
import { wrapText } from './wrap-text.ts';

/** How the report is shown. */
export interface Look {
  colour: boolean;
  /** Width that it may take; infinite where nothing is to be cut. */
  columns: number;
  /** Wall clock, milliseconds. */
  now: number;
  /** The machine that the report is about, where it is about one alone. */
  machine?: string;
}

type Paint = ReturnType<typeof painter>;

const MAX_TASKS = 40;
const MAX_UNSENT = 6;
/** A name of a queue that is cut shorter than this says nothing. */
const LEAST_NAME = 12;
/** A table of results is for terminals that are at least so wide. */
const TABLE_COLUMNS = 72;
/** A cell of it takes at most so many; ids that are longer are not for a table. */
const TABLE_CELL = 28;

/** The status for people: what matters most in the first three lines. */
export function renderStatus(report: StatusReport, look: Look): string {
  const paint = painter(look.colour);
  const sections = [
    renderHead(report, look, paint),
    renderMachines(report, look, paint),
    renderTasks(report, look, paint),
    renderInvalid(report, look, paint),
    renderRecent(report, look, paint),
  ];
  return sections.flatMap((lines) => (lines.length === 0 ? [] : [`${lines.join('\n')}\n`])).join('\n');
}

function renderHead(report: StatusReport, { columns, now }: Look, paint: Paint): string[] {
  const tip = report.head === null ? (report.away ? 'never seen' : 'no branch yet: errand init') : report.head.slice(0, 8);
  const lines = [...nameQueue(report, tip, columns, paint), ...summarizeTasks(report, columns, paint)];
  if (report.away) {
    const since = report.away.seen_at === null ? '' : `, as of ${spellAge(report.away.seen_at, now)} ago`;
    lines.push(...wrapPainted('yellow', `The remote is away${since}:`, report.away.message, columns, paint));
  }
  if (report.unsent.length > 0) lines.push(...renderUnsent(report.unsent, columns, paint));
  return [...lines, ...wrapText(summarizeDay(report), columns, { maxLines: 3 })];
}

/** Ids are not cut: of many, the first ones are told. */
function renderUnsent(ids: readonly string[], columns: number, paint: Paint): string[] {
  const left = ids.length - MAX_UNSENT;
  const listed = `${ids.slice(0, MAX_UNSENT).join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
  return wrapPainted('yellow', 'Not sent yet:', listed, columns, paint, Number.POSITIVE_INFINITY);
}

/** One line, or where that is too narrow two. Of a path its end says most. */
function nameQueue({ queue, branch: given }: StatusReport, tip: string, columns: number, paint: Paint): string[] {
  const name = oneLine(queue);
  const branch = oneLine(given);
  const room = columns - displayWidth(branch) - tip.length - 4;
  if (room >= LEAST_NAME) return [`${paint('bold', cutFromLeft(name, room))}  ${branch}  ${paint('dim', tip)}`];
  return [paint('bold', cutFromLeft(name, columns)), cutToWidth(`${branch}  ${tip}`, columns)];
}

/** `2 running, 3 waiting, 1 invalid` */
function summarizeTasks({ tasks, invalid }: StatusReport, columns: number, paint: Paint): string[] {
  const states = (['running', 'blocked', 'waiting', 'queued'] as const).map((state) => {
    return { state, number: tasks.filter((task) => task.state === state).length };
  });
  const files = { state: 'invalid' as const, number: new Set(invalid.map(({ path }) => path)).size };
  const found = [...states, files].filter(({ number }) => number > 0);
  if (found.length === 0) return ['nothing to do'];
  const plain = found.map(({ state, number }) => `${number} ${state}`);
  if (displayWidth(plain.join(', ')) > columns) return wrapText(plain.join(', '), columns, { maxLines: 3 });
  return [found.map(({ state, number }) => paint(STATE_STYLES[state], `${number} ${state}`)).join(', ')];
}

/** `2 of 3 machines online · $1.24 today (UTC)` */
function summarizeDay({ machines, spend }: StatusReport): string {
  const online = machines.filter((machine) => machine.online).length;
  const attempts = spend.attempts === 0 ? '' : ` in ${count(spend.attempts, 'attempt')}`;
  return [
    machines.length === 0 ? 'no machine' : `${online} of ${count(machines.length, 'machine')} online`,
    `${spend.usd === 0 ? 'nothing' : formatCost(spend)} spent today (UTC)${attempts}`,
  ].join(' · ');
}

/** A title in colour and what it is about. */
function wrapPainted(
  style: 'red' | 'yellow',
  title: string,
  text: string,
  columns: number,
  paint: Paint,
  maxLines = 3,
): string[] {
  const [first = '', ...rest] = wrapText(`${title} ${oneLine(text)}`, columns, { maxLines });
  return [first.startsWith(title) ? `${paint(style, title)}${first.slice(title.length)}` : paint(style, first), ...rest];
}

function renderMachines({ machines }: StatusReport, { columns, now, machine }: Look, paint: Paint): string[] {
  const lines = renderEntries(machineEntries(machines, paint, now), columns);
  const none = machine === undefined ? 'none yet: errand worker starts one' : `nothing was heard of ${machine} yet`;
  return [paint('bold', 'Machines'), ...(lines.length === 0 ? [cutToWidth(`  ${none}`, columns)] : lines)];
}

function renderTasks({ tasks }: StatusReport, { columns, now }: Look, paint: Paint): string[] {
  const listed = listTasks(tasks);
  const entries = listed.slice(0, MAX_TASKS).map((task) => taskEntry(task, paint, now));
  const left = listed.length - entries.length;
  return [
    paint('bold', `Tasks (${tasks.length} open)`),
    ...renderEntries(entries, columns),
    ...(left > 0 ? [paint('dim', `  and ${left} more: errand list`)] : []),
  ];
}

function renderInvalid({ invalid }: StatusReport, { columns }: Look, paint: Paint): string[] {
  if (invalid.length === 0) return [];
  const lines = invalid.flatMap(({ path, line, column, code, message, hint }) => {
    const text = hint === null ? message : `${message}. ${hint}`;
    return [
      ...wrapPainted('red', `${oneLine(path)}:${line}:${column}`, code, columns - 2, paint).map((row) => `  ${row}`),
      ...wrapText(oneLine(text), Math.max(12, columns), { first: '    ', maxLines: 4 }),
    ];
  });
  return [paint('bold', 'Invalid files'), ...lines];
}

function renderRecent({ recent }: StatusReport, { columns, now }: Look, paint: Paint): string[] {
  if (recent.length === 0) return [];
  const rows = recent.map(({ state, id, tier, agent, worker, finished_at, cost_usd }) => {
    const cost = cost_usd === null ? '' : `, ${formatCost({ usd: cost_usd, estimated: false })}`;
    const cells: Cell[] = [
      { text: state, paint: (text) => paint(STATE_STYLES[state], text) },
      { text: id, whole: true },
    ];
    // A command has no model.
    const shown = agent === 'command' ? '' : (tier ?? '');
    return { cells, tier: shown, worker: worker ?? '', age: `${spellAge(finished_at, now)} ago${cost}` };
  });
  const hasTiers = rows.some(({ tier }) => tier !== '');
  const isTable =
    columns === Number.POSITIVE_INFINITY ||
    (columns >= TABLE_COLUMNS && recent.every(({ id }) => displayWidth(oneLine(id)) <= TABLE_CELL));
  const lines = isTable
    ? renderTable(
        rows.map(({ cells, tier, worker, age }) => [
          ...cells,
          ...(hasTiers ? [{ text: tier }] : []),
          { text: worker },
          { text: age },
        ]),
        columns,
        TABLE_CELL,
      )
        .trimEnd()
        .split('\n')
    : renderEntries(
        rows.map(({ cells, worker, age }) => ({ cells, details: [age, worker] })),
        columns,
      );
  return [paint('bold', 'Recent'), ...lines];
}
