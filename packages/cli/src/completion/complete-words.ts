import type { Queue } from '@errand/queue';
import { Command } from 'commander';
import { COMMANDS, defineProgram, type Listed } from '../program.ts';
import { type Candidate, listCandidates, type Offer } from './candidates.ts';
import { rejoinWords } from './rejoin-words.ts';
import { type Source, sourceOfArgument, sourceOfOption } from './sources.ts';
import { findCommandName, readTypedWords } from './typed-words.ts';

/** What of a word a shell may insert as it is: none of it means anything to one. */
const HARMLESS = /^[\w@%+=:,./-]+$/;

/**
 * What may stand in place of the last of the words after `errand`, by the definitions of the commands themselves.
 * `openQueue` is called with the value of `--queue`, only where names of the queue are wanted.
 */
export async function completeWords(
  typed: readonly string[],
  openQueue: (queue: string | undefined) => Promise<Queue | null>,
): Promise<Offer> {
  const words = rejoinWords(typed);
  const program = defineProgram();
  const at = findCommandName(program, words.slice(0, -1));
  const listed = at < 0 ? undefined : COMMANDS.find(({ name }) => name === words[at]);
  if (at >= 0 && !listed) return { kind: 'words', words: [] };
  const command = listed ? await defineCommand(listed) : program;
  const own = at < 0 ? words : words.slice(at + 1);
  const wanted = readTypedWords(command, own);
  const open = () => openQueue(queueOption(words));
  switch (wanted.kind) {
    case 'nothing':
      if (listed) return { kind: 'words', words: [] };
      return fitting(
        COMMANDS.flatMap(({ name, summary, hidden }) => (hidden ? [] : [{ value: name, about: summary }])),
        own,
      );
    case 'option': {
      const options = command.createHelp().visibleOptions(command);
      return fitting(
        options.flatMap(({ long, short, description }) => [long, short].flatMap((value) => option(value, description))),
        own,
      );
    }
    case 'value':
      return values(sourceOfOption(command, wanted.option), wanted.typed, wanted.before, open);
    case 'argument': {
      const before = own.slice(0, -1);
      const offer = await values(sourceOfArgument(command, wanted.argument), wanted.typed, '', open);
      // What stands there already is not meant again.
      return offer.kind === 'words' ? { ...offer, words: offer.words.filter(({ value }) => !before.includes(value)) } : offer;
    }
  }
}

async function defineCommand(listed: Listed): Promise<Command> {
  const command = new Command(listed.name).helpOption('-h, --help', 'show help');
  (await listed.load()).define(command);
  return command;
}

async function values(source: Source, typed: string, before: string, open: () => Promise<Queue | null>): Promise<Offer> {
  const offer = await listCandidates(source, open);
  if (offer.kind !== 'words') return offer;
  // A list with commas goes on after the last of them.
  const comma = source.kind === 'tasks' || source.kind === 'machines' ? typed.lastIndexOf(',') + 1 : 0;
  const head = typed.slice(0, comma);
  const listed = offer.words.map(({ value, about }) => ({ value: `${head}${value}`, about }));
  return {
    kind: 'words',
    words: keep(listed, typed).map(({ value, about }) => ({ value: `${before}${value}`, about })),
  };
}

function fitting(candidates: readonly Candidate[], words: readonly string[]): Offer {
  return { kind: 'words', words: keep(candidates, words.at(-1) ?? '') };
}

function keep(candidates: readonly Candidate[], typed: string): Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(typed) && HARMLESS.test(value));
}

function option(value: string | undefined, about: string): Candidate[] {
  return value === undefined ? [] : [{ value, about }];
}

function queueOption(words: readonly string[]): string | undefined {
  const before = words.slice(0, -1);
  const at = before.findLastIndex((word) => word === '--queue' || word.startsWith('--queue='));
  const word = before[at];
  if (word === undefined) return undefined;
  if (word !== '--queue') return word.slice('--queue='.length);
  return before[at + 1] === '=' ? before[at + 2] : before[at + 1];
}
