import type { Queue } from '@errand/queue';
import type { Source } from './sources.ts';

/** One way to go on: the word, and what it is. */
export interface Candidate {
  value: string;
  about: string;
}

/** What a shell should offer: these words, or names of files or folders, which it knows better. */
export type Offer = { kind: 'words'; words: Candidate[] } | { kind: 'files' | 'folders' };

/** Of what finished, the newest are offered: results have no end. */
const MAX_FINISHED = 200;

/** The values of a source. `openQueue` gives the configured queue, or null where there is none. */
export async function listCandidates(source: Source, openQueue: () => Promise<Queue | null>): Promise<Offer> {
  switch (source.kind) {
    case 'files':
    case 'folders':
      return { kind: source.kind };
    case 'nothing':
      return offer([]);
    case 'choices':
      return offer(source.values);
    case 'models':
      return offer(['auto', ...(await import('@errand/task')).TIERS]);
    case 'agents':
      return offer(['auto', ...(await import('@errand/config')).KNOWN_AGENTS]);
    case 'pages': {
      const { TOPICS } = await import('../help/topics.ts');
      const { COMMANDS } = await import('../program.ts');
      const commands = COMMANDS.flatMap(({ name, summary, hidden }) => (hidden ? [] : [{ value: name, about: summary }]));
      const pages = TOPICS.map(({ name, summary }) => ({ value: name, about: summary }));
      return {
        kind: 'words',
        words: [...commands, ...pages.filter(({ value }) => !commands.some((one) => one.value === value))],
      };
    }
    case 'tasks':
    case 'machines':
    case 'repos': {
      const queue = await openQueue();
      if (queue === null) return offer([]);
      const words = await fromQueue(source, queue);
      await queue.close();
      return { kind: 'words', words };
    }
  }
}

async function fromQueue(source: Extract<Source, { kind: 'tasks' | 'machines' | 'repos' }>, queue: Queue): Promise<Candidate[]> {
  const { readMachineNames, readRepoNames, readTaskNames } = await import('./queue-names.ts');
  switch (source.kind) {
    case 'machines': {
      const machines = (await readMachineNames(queue)).map((value) => ({ value, about: 'machine' }));
      return source.any ? [{ value: 'any', about: 'whichever is free' }, ...machines] : machines;
    }
    case 'repos':
      return (await readRepoNames(queue)).map((value) => ({ value, about: 'repository' }));
    case 'tasks': {
      const { open, finished } = await readTaskNames(queue);
      const ended = finished.slice(0, MAX_FINISHED).map(({ id, day }) => ({ value: id, about: `finished ${day}` }));
      const going = open.map((value) => ({ value, about: 'open' }));
      return { open: going, finished: ended, all: [...going, ...ended] }[source.which];
    }
  }
}

function offer(values: readonly string[]): Offer {
  return { kind: 'words', words: values.map((value) => ({ value, about: '' })) };
}
