import { nearestOf } from '@errand/task';
import type { KnownOption } from './delegate-words.ts';

/** Options of other programs, and what errand delegate has for them. */
const OTHER_NAMES: { readonly [name: string]: string } = {
  '--tier': '--model',
  '--watch': '--wait',
  '-w': '--wait',
  '--name': '--title',
  '--after': '--depends-on',
};
const NOT_NEEDED: { readonly [name: string]: string } = {
  '--prompt': 'The text needs no option: it is the words after the machine.',
  '--text': 'The text needs no option: it is the words after the machine.',
  '--message': 'The text needs no option: it is the words after the machine.',
  '--machine': 'The machine needs no option: it is the first word.',
};

/** What to do about a word that is no option: what was meant, where that can be told, and how it is filed as text on purpose. */
export function hintAtOption(arg: string, known: readonly KnownOption[], machine = 'any'): { text: string; isNear: boolean } {
  const name = arg.replace(/=.*$/s, '');
  const other = NOT_NEEDED[name];
  const meant = other === undefined ? (OTHER_NAMES[name] ?? findMeant(name, known)) : null;
  const first = other ?? (meant === null ? 'errand delegate --help lists the options.' : `Did you mean \`${meant}\`?`);
  const asText = `If it is part of the text, put \`--\` before the text: errand delegate ${machine} -- …`;
  return { text: `${first} ${asText}`, isNear: other !== undefined || meant !== null };
}

/** The option that a word was nearly, or began: `--priorty`, `--prio`, `-fFILE`. */
function findMeant(name: string, known: readonly KnownOption[]): string | null {
  const names = known.flatMap((option) => option.names);
  if (!name.startsWith('--')) return names.find((one) => one.length === 2 && name.startsWith(one)) ?? null;
  if (name.length < 5) return null;
  const long = names.filter((one) => one.startsWith('--'));
  return long.find((one) => one.startsWith(name)) ?? nearestOf(name, long);
}
