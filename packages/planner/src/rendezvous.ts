import type { Observations } from './observations.ts';
import { liveMachines } from './staleness.ts';
import type { View } from './view.ts';

/** The live machine that acts for all on this subject (say, a blob): each machine finds the same one without a word. */
export function firstByRendezvous(view: View, observations: Observations, subject: string): string | null {
  return firstOf(liveMachines(observations, view), subject);
}

/** The name with the highest weight for a subject: when one name goes, only its subjects move. Null for no names. */
export function firstOf(names: readonly string[], subject: string): string | null {
  return names.reduce<string | null>((best, name) => (best === null || outweighs(name, best, subject) ? name : best), null);
}

/** Names by their weight for a subject, the highest first: each machine finds the same order without a word. */
export function rankByRendezvous(names: readonly string[], subject: string): string[] {
  return [...names].sort((a, b) => (outweighs(a, b, subject) ? -1 : 1));
}

const encoder = new TextEncoder();
const MOST_STARTS = 1_000;
/** The hash of `<name>\0`, by name: many subjects are weighed for few names. */
const starts = new Map<string, number>();

function startHash(name: string): number {
  const known = starts.get(name);
  if (known !== undefined) return known;
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(`${name}\0`)) hash = Math.imul(hash ^ byte, 0x01000193);
  if (starts.size >= MOST_STARTS) starts.clear();
  starts.set(name, hash);
  return hash;
}

/** How much a name is for a subject: 32 bits, the same on every machine (FNV-1a, then Murmur's last mixing). */
export function rendezvousWeight(name: string, subject: string): number {
  let hash = startHash(name);
  for (const byte of encoder.encode(subject)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function outweighs(name: string, other: string, subject: string): boolean {
  const difference = rendezvousWeight(name, subject) - rendezvousWeight(other, subject);
  return difference === 0 ? name < other : difference > 0;
}
