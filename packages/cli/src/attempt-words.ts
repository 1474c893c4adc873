import { type AttemptEntry, formatCost, sumCosts } from '@errand/task';

/** What an attempt spent: `$0.04, 12 turns, 1,000 tokens in, 50 out`; empty where its entry says nothing. */
export function describeSpent(entry: AttemptEntry): string {
  const { turns, tokens } = entry;
  const cost = sumCosts([entry]);
  const read = tokens && tokens.input + tokens.cache_read + tokens.cache_write;
  const parts = [
    cost === null ? undefined : formatCost(cost),
    turns === undefined ? undefined : `${turns} ${turns === 1 ? 'turn' : 'turns'}`,
    tokens && `${spellNumber(read ?? 0)} tokens in, ${spellNumber(tokens.output)} out`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

/** `12,345` */
export function spellNumber(count: number): string {
  return count.toLocaleString('en-US');
}
