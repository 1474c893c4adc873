import type { Command } from 'commander';
import { DONE, type Io, type Outcome } from '../command.ts';
import { connect } from '../connect.ts';
import { oneLine } from '../table.ts';

export function define(command: Command): void {
  command.argument('[words...]', 'what is typed after errand, up to the cursor');
}

/**
 * What the shells' scripts ask at each Tab: the first line says what to offer (`words`, `files` or `folders`), each further one
 * is a word, a tab, and what it is. Says nothing else, whatever is wrong: nobody wants an error under a half-typed line.
 */
export async function run(io: Io, words: readonly string[]): Promise<Outcome> {
  const { completeWords } = await import('../completion/complete-words.ts');
  const offer = await completeWords(words, async (queue) => {
    const connection = await connect(io, queue === undefined ? {} : { queue });
    return connection.ok ? connection.queue : null;
  }).catch(() => ({ kind: 'words' as const, words: [] }));
  const lines = offer.kind === 'words' ? offer.words.map(({ value, about }) => `${value}\t${oneLine(about)}`) : [];
  io.out(`${[offer.kind, ...lines].join('\n')}\n`);
  return DONE;
}
