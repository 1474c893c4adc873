import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { fitHelp } from './command.ts';
import { COMMANDS } from './program.ts';

const DOCS = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
const SHOWN = COMMANDS.filter(({ hidden }) => !hidden);

/** What a page says under `## errand <name>`. */
function sectionOf(name: string): string {
  const start = DOCS.indexOf(`\n## errand ${name}\n`);
  if (start < 0) return '';
  const end = DOCS.indexOf('\n## ', start + 1);
  return DOCS.slice(start, end < 0 ? undefined : end);
}

async function defined(name: string): Promise<{ command: Command; help: string }> {
  const listed = COMMANDS.find((one) => one.name === name);
  const command = new Command(name);
  (await listed?.load())?.define(command);
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  return { command, help };
}

test('every command has a section in docs/cli.md, and every section a command', () => {
  const sections = [...DOCS.matchAll(/^## errand (.+)$/gm)].map(([, name]) => name);
  expect(sections).toEqual(SHOWN.map(({ name }) => name));
});

describe.each(SHOWN.map(({ name }) => name))('errand %s', (name) => {
  test('has the options that docs/cli.md tells, and no others', async () => {
    const { command } = await defined(name);
    const flags = command.options.map(({ flags }) => flags);
    const told = [...sectionOf(name).matchAll(/^\| `(-[^`]+)` +\|/gm)].map(([, flag]) => flag);
    expect(told.sort()).toEqual(flags.sort());
  });

  test('has help that fits a narrow terminal, but for what is there to be copied', async () => {
    const { command } = await defined(name);
    let help = '';
    fitHelp(command)
      .configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 40 })
      .outputHelp();
    const long = help.split('\n').filter((line) => line.length > 40);
    expect(long.filter((line) => !/^Usage:|^ {2}(?:.*\| |\w+ "\$\()?errand /.test(line))).toEqual([]);
  });

  test('has help with at least two examples of itself', async () => {
    const { help } = await defined(name);
    const examples = help.slice(help.indexOf('Examples:'));
    expect(examples.split(`errand ${name}`).length - 1).toBeGreaterThanOrEqual(2);
  });
});
