import { indexPhrases, type Match, matchPhrase, type PhraseTable, stemPhrase } from './phrases.ts';
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
    const match = clauseStart ? matchVerb(table, tokens, at) : null;
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

/** What a verb may be parted from: `turn the flag off`. Not `on`, which is more often about where. */
const PARTICLES: ReadonlySet<string> = new Set(['off', 'apart', 'up', 'down', 'out']);
/** Tokens after a verb within which its particle may follow. */
const PARTICLE_REACH = 7;

/** The operation that begins here; a verb and the particle after its object are one. */
function matchVerb(table: PhraseTable<Operation>, tokens: readonly Token[], at: number): Match<Operation> | null {
  const match = matchPhrase(table, tokens, at);
  const verb = tokens[at];
  if (match === null || match.length > 1 || verb === undefined) return match;
  for (const token of tokens.slice(at + 1, at + 1 + PARTICLE_REACH)) {
    if (token.kind === 'break') break;
    if (token.kind !== 'word' || !PARTICLES.has(token.text)) continue;
    const parted = matchPhrase(table, [verb, token], 0);
    if (parted?.length === 2) return { ...parted, length: 1 };
  }
  return match;
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
