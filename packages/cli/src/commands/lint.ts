import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Problem } from '@errand/task';
import type { Command } from 'commander';
import { addExamples, addJsonOption, DONE, type Io, type Outcome } from '../command.ts';
import { describeProblem } from '../failure.ts';
import { warnOfForgottenFrontMatter } from '../forgotten-front-matter.ts';
import { describeReadFailure } from '../read-failure.ts';
import { remark } from '../remark.ts';

interface LintOptions {
  json?: true;
}

export function define(command: Command): void {
  command
    .argument('<file...>', 'task files, whose names are the ids of the tasks, or the shared config/errand.yaml')
    .description('Check task files as a worker would. Needs no configuration. Exit status 1 where one is not valid.');
  addJsonOption(command);
  addExamples(command, [
    ['errand lint tasks/*.md', 'every problem, with line and column'],
    ['errand lint config/errand.yaml', "the queue's shared file"],
    ['errand lint --json tasks/fix-login.md', 'for programs'],
  ]);
}

export async function run(io: Io, files: readonly string[], options: LintOptions): Promise<Outcome> {
  const problems: Problem[] = [];
  for (const file of files) {
    const read = await readFile(resolve(io.cwd, file)).catch((error: NodeJS.ErrnoException) => error);
    if (read instanceof Error) {
      const message = `cannot read it: ${describeReadFailure(read)}`;
      problems.push({
        path: file,
        line: 1,
        column: 1,
        code: 'unreadable',
        message,
        hint: 'Name files, as in errand lint tasks/*.md.',
      });
    } else problems.push(...(await findProblems(io, file, read)));
  }
  if (options.json) {
    io.out(
      `${JSON.stringify({ schema: 1, problems: problems.map((problem) => ({ ...problem, hint: problem.hint ?? null })) }, null, 2)}\n`,
    );
  } else {
    io.out(problems.map(describeProblem).join(''));
    if (problems.length === 0) remark(io, `${files.length === 1 ? 'the file is' : `${files.length} files are`} valid`);
  }
  return problems.length === 0 ? DONE : { ok: true, exitCode: 1 };
}

/** The queue's shared file is known by its name; everything else is a task. */
async function findProblems(io: Io, file: string, content: Buffer): Promise<Problem[]> {
  if (basename(file) === 'errand.yaml') {
    const { parseQueueConfig } = await import('@errand/config');
    const parsed = parseQueueConfig(file, content.toString('utf8'));
    return parsed.ok ? [] : parsed.problems;
  }
  const { looksLikeFrontMatter, parseTask } = await import('@errand/task');
  const parsed = parseTask(file, content);
  if (parsed.ok && looksLikeFrontMatter(content.toString('utf8'))) remark(io, warnOfForgottenFrontMatter(file));
  return parsed.ok ? [] : parsed.problems;
}
