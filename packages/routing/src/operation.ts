import { indexPhrases, matchPhrase, type PhraseTable, stemPhrase } from './phrases.ts';
import type { Token } from './tokens.ts';
import type { WordWeights } from './types.ts';
import { AMBIGUOUS, OBJECT_STARTS, OPERATIONS, type OperationKind, PREAMBLE } from './vocabulary/operations.ts';

/** Something that the text asks to be done. */
export interface Operation {
  phrase: string;
  kind: OperationKind;
  weight: number;
}

/** An operation and the index of its first token. */
export interface FoundOperation extends Operation {
  at: number;
}

const AMBIGUOUS_STEMS: ReadonlySet<string> = new Set(AMBIGUOUS.map(stemPhrase));

/** The built-in operations, with the weights that the configuration gives to some of them. */
export function indexOperations(overrides: WordWeights): PhraseTable<Operation> {
  const own = new Map(Object.entries(overrides).map(([phrase, weight]) => [stemPhrase(phrase), weight]));
  return indexPhrases(
    OPERATIONS.flatMap(({ kind, weight, phrases }) =>
      phrases.map((phrase) => [phrase, { phrase, kind, weight: own.get(stemPhrase(phrase)) ?? weight }] as const),
    ),
  );
}

/** Every operation in the text: what begins it, and what begins a clause in it. */
export function findOperations(tokens: readonly Token[], table: PhraseTable<Operation>): FoundOperation[] {
  const found: FoundOperation[] = [];
  let clauseStart = true;
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at];
    const match = clauseStart ? matchPhrase(table, tokens, at) : null;
    if (match !== null && (found.length + at === 0 || isVerb(match.phrase, tokens[at + match.length]))) {
      found.push({ ...match.value, at });
      at += match.length;
      clauseStart = false;
      continue;
    }
    clauseStart = startsClause(token, clauseStart);
    at += 1;
  }
  return found;
}

function startsClause(token: Token | undefined, already: boolean): boolean {
  if (token === undefined) return false;
  if (token.kind === 'break') return true;
  if (token.kind !== 'word') return false;
  return CONJUNCTIONS.has(token.text) || (already && PREAMBLE.has(token.text));
}

const CONJUNCTIONS: ReadonlySet<string> = new Set(['and', 'then', 'please', 'or', 'und', 'y', 'et', 'dann', 'luego']);

function isVerb(phrase: string, next: Token | undefined): boolean {
  if (!AMBIGUOUS_STEMS.has(stemPhrase(phrase))) return true;
  return next !== undefined && (next.kind === 'name' || (next.kind === 'word' && OBJECT_STARTS.has(next.text)));
}
