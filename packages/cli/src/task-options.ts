import { type Command, InvalidArgumentError } from 'commander';
import { readTaskId } from './task-argument.ts';

/** Front matter as the command line says it. */
export interface TaskOptions {
  title?: string;
  priority?: number;
  model?: string;
  agent?: string;
  needs?: string[];
  repo?: string;
  base?: string;
  verify?: string;
  deliver?: string;
  dependsOn?: string[];
  key?: string;
  hold?: boolean;
  notBefore?: string;
  timeout?: string;
  retries?: number;
}

/** The options that stand for keys of a task's front matter; their values are checked where the whole task is. */
export function addTaskOptions(command: Command): Command {
  return command
    .option('--title <text>', 'what it is called; default: the first line of the text')
    .option('--priority <0-9>', '0 runs first, 9 last; default 5', readWholeNumber)
    .option('--model <model>', 'auto, a tier (haiku, sonnet, opus), or an exact model')
    .option('--agent <agent>', 'auto, or the name of an agent, as claude or command')
    .option('--needs <capabilities>', 'what the machine must offer, with commas', readList)
    .option('--repo <repo>', "the repository to work in: a name in the queue's repos, or a git URL")
    .option('--base <ref>', 'where the work starts from; default: the default branch of the repository')
    .option('--verify <line>', 'a shell line that proves that it worked, as "npm test"')
    .option('--deliver <how>', 'branch pushes what was made (the default with --repo), none keeps it on the machine')
    .option('--depends-on <ids>', 'tasks that must be done first, with commas', readList)
    .option('--key <key>', 'tasks with the same key run one at a time')
    .option('--hold', 'a draft: it is not run yet')
    .option('--not-before <time>', 'earliest start, as 2026-11-21T09:00:00Z')
    .option('--timeout <duration>', 'how long one attempt may take, as 30m')
    .option('--retries <n>', 'how many tries may follow the first; default 2', readWholeNumber);
}

/** The keys of the front matter that these options set. */
export function frontMatterOf(options: TaskOptions): { [key: string]: string | number | boolean | string[] } {
  const { title, priority, model, agent, needs, repo, base, verify, deliver } = options;
  const { dependsOn, key, hold, notBefore, timeout, retries } = options;
  const keys = {
    title,
    agent,
    model,
    priority,
    needs,
    repo,
    base,
    verify,
    deliver,
    depends_on: dependsOn?.map(readTaskId),
    key,
    hold,
    not_before: notBefore,
    timeout,
    retries,
  };
  return Object.fromEntries(Object.entries(keys).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** An option whose value is a whole number. */
export function readWholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** `a,b` and `--needs a --needs b` mean the same. */
function readList(text: string, before: string[] = []): string[] {
  return [...before, ...text.split(/[,\s]+/).filter((word) => word !== '')];
}
