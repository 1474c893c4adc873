import type { Route } from '@errand/routing';
import type { Command } from 'commander';
import { addExamples, addJsonOption, DONE, type Io, type Outcome } from '../command.ts';
import { fail } from '../failure.ts';

interface RouteOptions {
  explain?: true;
  json?: true;
}

export function define(command: Command): void {
  command
    .argument('[text...]', 'the text of a task; - reads it from standard input')
    .option('--explain', 'say what in the text counted')
    .description('Show which tier a text would get, by the built-in words. Needs no configuration.');
  addJsonOption(command);
  addExamples(command, [
    ['errand route "fix the typo in README"', 'haiku, sonnet or opus'],
    ['errand route --explain "find the race in the scheduler"', 'and why'],
    ['errand route --json - < task.md', 'for programs'],
  ]);
}

export async function run(io: Io, words: readonly string[], options: RouteOptions): Promise<Outcome> {
  let text = words.join(' ');
  if (text === '-' || (words.length === 0 && !io.stdin.isTTY)) {
    text = '';
    for await (const chunk of io.stdin.setEncoding('utf8')) text += chunk;
  }
  if (text.trim() === '') return fail('usage', 'no-text', 'the text is missing', 'errand route "what is to be done"');
  const { route } = await import('@errand/routing');
  const routed = route(text);
  const { tier, model, score, reasons } = routed;
  if (options.json) io.out(`${JSON.stringify({ schema: 1, tier, model, score, reasons }, null, 2)}\n`);
  else io.out(options.explain ? explain(routed) : `${tier}\n`);
  return DONE;
}

function explain({ tier, score, reasons }: Route): string {
  const lines = reasons.map(({ feature, weight }) => `  ${`${weight < 0 ? '' : '+'}${weight}`.padStart(4)}  ${feature}\n`);
  return `${tier} (score ${score})\n${lines.length === 0 ? '  nothing in the text counts\n' : lines.join('')}`;
}
