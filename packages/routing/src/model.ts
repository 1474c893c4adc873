import { TIERS, type Tier } from '@errand/task';

/** How the reason begins that a task's own `model:` gives. */
export const MODEL_NAMED = 'model: ';

/** The tier whose family name an exact model id carries (`claude-opus-4-1` → opus), or null where it carries none. */
export function inferTier(modelId: string): Tier | null {
  const parts = modelId.toLowerCase().split(/[^a-z]+/);
  return TIERS.find((tier) => parts.includes(tier)) ?? null;
}

/** The tier that this word names, or null. */
export function readTier(word: string): Tier | null {
  return TIERS.find((tier) => tier === word.toLowerCase()) ?? null;
}
