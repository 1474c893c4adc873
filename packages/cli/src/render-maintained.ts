import type { KeepSettings } from '@errand/config';
import type { Maintained, Renewal, RepositorySurvey } from '@errand/queue';
import type { HoldingKind, HouseReport } from '@errand/worker';
import { renderEntries } from './status/entry.ts';
import { oneLine, renderTable } from './table.ts';
import { displayWidth } from './text-width.ts';
import { wrapText } from './wrap-text.ts';

type House = Extract<HouseReport, { kind: 'done' }>;

const WORDS: { readonly [kind in HoldingKind]: string } = {
  workspaces: 'folders of attempts',
  undelivered: 'work not delivered',
  logs: 'run logs',
  transcripts: 'transcripts of agents',
  repos: 'clones of repositories',
  clones: 'private clones of queues',
  results: 'results kept only here',
  leftovers: 'of killed processes',
};

/** Live refs beyond which every push takes noticeably longer. */
const MOST_REFS = 1_000;

/** What is on this machine, and what went, for people. */
export function describeHouse(
  stateDir: string,
  { rows, lost, tooMuchBytes, lackingBytes }: House,
  options: { renewal: Renewal | null; dryRun: boolean; keep: KeepSettings; columns: number },
): string {
  const { renewal, dryRun, keep, columns } = options;
  const total = sum(rows.map(({ bytes }) => bytes));
  const gone = sum(rows.map(({ goneBytes }) => goneBytes));
  const lines: Line[] = [
    ...rows.map((row) => ({
      words: WORDS[row.kind],
      there: amount(row.count, row.bytes),
      went: amount(row.gone, row.goneBytes),
    })),
    { words: 'together', there: inMiB(total), went: inMiB(gone) },
  ];
  const remarks: string[] = [];
  if (renewal?.kind === 'renewed')
    remarks.push(`the private clone was made anew: ${inMiB(renewal.weight.bytes)} before, ${inMiB(renewal.now.bytes)} now`);
  if (renewal?.kind === 'failed') remarks.push(`the private clone could not be made anew: ${oneLine(renewal.cause.message)}`);
  if (lost.length > 0 && !dryRun) remarks.push(`what was kept only here and went for its age or size: ${lost.join(', ')}`);
  if (tooMuchBytes !== null) {
    remarks.push(
      `what is left takes ${inMiB(tooMuchBytes)}, more than the ${inMiB(keep.sizeBytes)} of keep.size, and is in use; make room, or allow more in this machine's configuration`,
    );
  }
  if (lackingBytes !== null) {
    remarks.push(
      `the disk lacks ${inMiB(lackingBytes)} that a worker needs free to go on, and nothing more of Errand's may go; delete what other programs keep on it, or give ERRAND_STATE_DIR a larger one`,
    );
  }
  const told = tabulate(stateDir, lines, dryRun ? 'would go' : 'is gone', columns);
  return `${told}${remarks.flatMap((remark) => wrapText(remark, columns, { keepWords: true })).join('\n')}${remarks.length > 0 ? '\n' : ''}`;
}

interface Line {
  words: string;
  there: string;
  went: string;
}

/** A table where the terminal has room for one, else a line or two for each kind. */
function tabulate(stateDir: string, lines: readonly Line[], gone: string, columns: number): string {
  const cells = [{ words: stateDir, there: 'there was', went: gone }, ...lines].map(({ words, there, went }) => [
    { text: words },
    { text: there },
    { text: went },
  ]);
  const table = renderTable(cells, Number.POSITIVE_INFINITY);
  if (table.split('\n').every((row) => displayWidth(row) <= columns)) return table;
  const entries = lines.map(({ words, there, went }) => ({
    cells: [{ text: words }],
    details: [`there was ${there}`, `${went === '–' ? 'nothing' : went} ${gone}`],
  }));
  return `${[...wrapText(stateDir, columns, { keepWords: true }), ...renderEntries(entries, columns)].join('\n')}\n`;
}

export function houseJson(stateDir: string, { rows, lost, tooMuchBytes, lackingBytes }: House, renewal: Renewal | null): object {
  return {
    schema: 1,
    state: stateDir,
    rows: rows.map(({ kind, count, bytes, gone, goneBytes }) => ({ kind, count, bytes, gone, gone_bytes: goneBytes })),
    lost,
    too_much_bytes: tooMuchBytes,
    lacking_bytes: lackingBytes,
    clone: renewal?.kind ?? null,
  };
}

/** What a repository was and is, for people. */
export function describeMaintained(
  path: string,
  branch: string,
  maintained: Maintained,
  look: { dryRun: boolean; columns: number },
): string {
  const { dryRun, columns } = look;
  const { before, after, unlocked } = maintained;
  const kinds = Object.entries(after.coordination).map(([kind, count]) => `${kind}: ${count}`);
  const change = (was: number, is: number): string => (dryRun || was === is ? `${is}` : `${was}, now ${is}`);
  const size = dryRun ? inMiB(before.bytes) : `${inMiB(before.bytes)}, now ${inMiB(after.bytes)}`;
  const facts = [
    `${path}, branch ${branch}`,
    `  size           ${size}`,
    `  loose objects  ${change(before.looseObjects, after.looseObjects)}`,
    `  packs          ${change(before.packs, after.packs)}`,
    `  loose refs     ${change(before.looseRefs, after.looseRefs)}`,
    `  coordination   ${kinds.length === 0 ? 'no refs' : kinds.join(', ')}`,
  ];
  const wrapped = attentions(after, unlocked, dryRun).flatMap((line) => wrapText(line, columns, { next: '  ', keepWords: true }));
  return `${[...facts, ...wrapped].join('\n')}\n`;
}

function attentions(after: RepositorySurvey, unlocked: Maintained['unlocked'], dryRun: boolean): string[] {
  const lines = unlocked.map(
    ({ path, ageMs }) => `${dryRun ? 'would remove' : 'removed'} ${path}: a git that was killed ${inHours(ageMs)} ago left it`,
  );
  for (const { path, ageMs, dead } of after.locks) {
    if (dead) continue;
    lines.push(
      `attention: ${path} is ${inHours(ageMs)} old; if no git runs in this repository, it was left by one that was killed: delete it, or pushes to what it locks fail`,
    );
  }
  const refs = sum(Object.values(after.coordination));
  if (refs > MOST_REFS)
    lines.push(`attention: ${refs} coordination refs make every push slower; is a worker running that folds and sweeps them?`);
  for (const { path, entries } of after.crowded) {
    lines.push(
      `attention: ${path} has ${entries} entries, more than hosts such as GitHub advise (3,000)${path === 'tasks' ? '; does config/errand.yaml say tidy: never?' : ''}`,
    );
  }
  return lines;
}

export function maintainedJson(path: string, branch: string, { before, after, unlocked, failure }: Maintained): object {
  const survey = ({ bytes, looseObjects, packs, looseRefs, coordination, locks, crowded }: RepositorySurvey): object => ({
    bytes,
    loose_objects: looseObjects,
    packs,
    loose_refs: looseRefs,
    coordination,
    locks: locks.map((lock) => ({ path: lock.path, age_ms: lock.ageMs, dead: lock.dead })),
    crowded,
  });
  return {
    schema: 1,
    repository: path,
    branch,
    before: survey(before),
    after: survey(after),
    unlocked: unlocked.map((lock) => lock.path),
    failure,
  };
}

function amount(count: number, bytes: number): string {
  return count === 0 ? '–' : `${count}, ${inMiB(bytes)}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function inMiB(bytes: number): string {
  return bytes < 10 * 2 ** 20 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${Math.round(bytes / 2 ** 20)} MiB`;
}

function inHours(ms: number): string {
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
