import { cpus, loadavg } from 'node:os';
import { measure } from './benchmarks.ts';
import { isMet, type Row, renderRows } from './row.ts';
import { readArguments } from './sizes.ts';

// Prints the table of docs/benchmarks.md, measured here and now. A target that is not met is told, and is a failure with `--check` alone.

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

const { names, check, ...sizes } = readArguments(process.argv.slice(2));
const load = (): string =>
  loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');
const loadBefore = load();
const rows: Row[] = [];
for (const name of names) {
  process.stderr.write(`measuring ${name} …\n`);
  rows.push(...(await measure(name, sizes)));
}
console.log(renderRows(rows));
console.log(
  `\nmedians of ${sizes.rounds} with quartiles in brackets, or a single reading; Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'})`,
);
const missed = rows.filter((row) => !isMet(row));
if (check && missed.length > 0) {
  console.error(`not met: ${missed.map(({ measure }) => measure).join('; ')}`);
  process.exitCode = 1;
}
console.log(`load average before ${loadBefore}, after ${load()}`);
