import { wrapText } from '../wrap-text.ts';

/** A page of the documentation that `errand help` shows. */
export interface Topic {
  name: string;
  summary: string;
  /** A command has this name too: the page is shown with `--page` alone. */
  command?: true;
}

/** The pages that someone who uses Errand may want at hand, each `docs/<name>.md`. */
export const TOPICS: readonly Topic[] = [
  { name: 'troubleshooting', summary: 'what you see, why, and what to do' },
  { name: 'operations', summary: 'upgrade, back up, move, lose a laptop, rotate tokens' },
  { name: 'files', summary: 'task and result files, every key and code' },
  { name: 'configuration', summary: "the machine's own file and the queue's file" },
  { name: 'states', summary: 'what a task can be, how an attempt can end' },
  { name: 'agents', summary: 'Claude Code and plain commands: login, permissions' },
  { name: 'routing', summary: 'how a task gets its tier' },
  { name: 'workspaces', summary: 'where a task works, what is delivered and cleaned' },
  { name: 'notifications', summary: 'ntfy on your phone, and waking workers' },
  { name: 'service', summary: 'the worker under systemd or launchd', command: true },
  { name: 'doctor', summary: 'what is checked, and what is repaired', command: true },
  { name: 'machines', summary: 'naming, reaching and finding machines', command: true },
  { name: 'watch', summary: 'tasks by saving a file', command: true },
  { name: 'housekeeping', summary: 'what is kept on disk, and how long' },
  { name: 'cli', summary: 'every command, its options, what programs can rely on' },
  { name: 'protocol', summary: 'what stands in the queue, and how machines agree' },
  { name: 'glossary', summary: 'one word for one thing' },
];

/** Is there a page of this name. */
export function isTopic(name: string): boolean {
  return TOPICS.some((topic) => topic.name === name);
}

/** What is typed after `errand help` for the page. */
export function nameTopic({ name, command }: Topic): string {
  return command ? `--page ${name}` : name;
}

/** The topics, for the end of the program's help, in so many columns. */
export function renderTopics(columns: number): string {
  const width = Math.min(columns, 79);
  const list = (topics: readonly Topic[]): string =>
    wrapText(topics.map(({ name }) => name).join(', '), width, { first: '  ' }).join('\n');
  const pages = TOPICS.filter(({ command }) => !command);
  const both = TOPICS.filter(({ command }) => command);
  return `Topics, for errand help <topic>:\n${list(pages)}\nAnd beside commands, for errand help --page <topic>:\n${list(both)}`;
}
