import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { addExamples, DONE, helpWidth, type Io, type Outcome } from '../command.ts';
import { DOCS } from '../docs-folder.ts';
import { fail } from '../failure.ts';
import { isTopic, nameTopic, TOPICS } from '../help/topics.ts';
import { wrapText } from '../wrap-text.ts';

interface HelpOptions {
  page?: true;
}

export function define(command: Command): void {
  const width = Math.max(...TOPICS.map((topic) => nameTopic(topic).length));
  command
    .argument('[topic]', 'a command, or one of the topics below')
    .option('--page', 'the page about it, where a command has the same name')
    .description('Explain a command, or show a page of the documentation.')
    .addHelpText('after', ({ command: of, error }) => {
      const next = ' '.repeat(width + 4);
      const lines = TOPICS.flatMap((topic) =>
        wrapText(topic.summary, helpWidth(of, error), { first: `  ${nameTopic(topic).padEnd(width)}  `, next }),
      );
      return `\nTopics:\n${lines.join('\n')}`;
    });
  addExamples(command, [
    ['errand help', 'every command and topic'],
    ['errand help delegate', 'the same as errand delegate --help'],
    ['errand help troubleshooting', 'a page of the documentation'],
    ['errand help --page watch', 'the page, not the command'],
  ]);
}

/** Commands without `--page` do not come here: they are their own `--help`. */
export async function run(io: Io, [topic = 'help']: readonly string[], _options: HelpOptions): Promise<Outcome> {
  if (!isTopic(topic)) return failByUnknownTopic(topic);
  const page = await readFile(join(DOCS, `${topic}.md`), 'utf8').catch(() => null);
  if (page === null) {
    const hint = 'The documentation belongs to the checkout that errand runs from: git restore docs brings it back.';
    return fail('environment', 'no-page', `${join(DOCS, `${topic}.md`)} cannot be read`, hint);
  }
  const { renderPage } = await import('../help/render-page.ts');
  const { pageThrough } = await import('../help/page-through.ts');
  await pageThrough(io, renderPage(topic, page, io.columns, io.colour));
  return DONE;
}

async function failByUnknownTopic(topic: string): Promise<Outcome> {
  const { nearestOf } = await import('@errand/task');
  const { COMMANDS } = await import('../program.ts');
  const commands = COMMANDS.flatMap(({ name, hidden }) => (hidden ? [] : [name]));
  if (commands.includes(topic)) {
    return fail(
      'usage',
      'no-page',
      `there is no page about ${topic}`,
      `See errand ${topic} --help, or errand help for the topics.`,
    );
  }
  const near = nearestOf(topic, [...commands, ...TOPICS.map(({ name }) => name)]);
  const hint = near === null ? 'See errand help for all of them.' : `Did you mean errand help ${near}?`;
  return fail('usage', 'unknown-topic', `there is no command or topic ${JSON.stringify(topic)}`, hint);
}
