import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Problem } from '@errand/task';
import type { Command } from 'commander';
import { addExamples, addJsonOption, DONE, type Io, type Outcome } from '../command.ts';
import { describeProblem } from '../failure.ts';

interface LintOptions {
  json?: true;
}

export function define(command: Command): void {
  command
    .argument('<file...>', 'task files; their names are the ids of the tasks')
    .description('Check task files as a worker would. Needs no configuration. Exit status 1 where one is not valid.');
  addJsonOption(command);
  addExamples(command, [
    ['errand lint tasks/*.md', 'every problem, with line and column'],
    ['errand lint --json tasks/fix-login.md', 'for programs'],
  ]);
}

export async function run(io: Io, files: readonly string[], options: LintOptions): Promise<Outcome> {
  const { parseTask } = await import('@errand/task');
  const problems: Problem[] = [];
  for (const file of files) {
    try {
      const parsed = parseTask(file, await readFile(resolve(io.cwd, file)));
      if (!parsed.ok) problems.push(...parsed.problems);
    } catch (error) {
      problems.push({
        path: file,
        line: 1,
        column: 1,
        code: 'unreadable',
        message: `cannot read it: ${(error as Error).message}`,
        hint: 'Check the name.',
      });
    }
  }
  if (options.json) {
    io.out(
      `${JSON.stringify({ schema: 1, problems: problems.map((problem) => ({ ...problem, hint: problem.hint ?? null })) }, null, 2)}\n`,
    );
  } else io.out(problems.map(describeProblem).join(''));
  return problems.length === 0 ? DONE : { ok: true, exitCode: 1 };
}
