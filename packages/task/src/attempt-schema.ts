import { z } from 'zod';
import { MACHINE_NAME } from './ids.ts';
import type { AttemptEntry, Outcome } from './outcome.ts';
import { TIERS } from './task.ts';

/** Keyed by outcome, so that the compiler misses one that is not here: a body with it could be read by nobody. */
const OUTCOMES: { readonly [outcome in Outcome]: true } = {
  done: true,
  failed: true,
  'timed-out': true,
  stalled: true,
  'rate-limited': true,
  unavailable: true,
  auth: true,
  refused: true,
  'over-budget': true,
  blocked: true,
  lost: true,
  stopped: true,
  cancelled: true,
  fenced: true,
};

/** The blob of a task file, in hex. */
export const oidSchema = z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/);
export const machineNameSchema = z.string().regex(MACHINE_NAME);
export const tierSchema = z.enum(TIERS as ['haiku', 'sonnet', 'opus']);
/** ISO 8601, and a moment that exists. */
export const isoSchema = z
  .string()
  .max(40)
  .refine((text) => !Number.isNaN(Date.parse(text)));

const count = z.int().min(0);

/** One attempt as it stands in records and results; what a neighbouring version adds to it is kept. */
export const attemptSchema: z.ZodType<AttemptEntry> = z.looseObject({
  attempt: z.int().min(1),
  worker: machineNameSchema,
  agent: z.string(),
  model: z.string().exactOptional(),
  tier: tierSchema.exactOptional(),
  tier_reason: z.string().exactOptional(),
  started_at: isoSchema.exactOptional(),
  ended_at: isoSchema,
  outcome: z.enum(Object.keys(OUTCOMES) as Outcome[]),
  cause: z.string().exactOptional(),
  exit_code: z.int().exactOptional(),
  cost_usd: z.number().min(0).exactOptional(),
  cost_estimated: z.literal(true).exactOptional(),
  turns: z.int().min(0).exactOptional(),
  tokens: z.looseObject({ input: count, output: count, cache_read: count, cache_write: count }).exactOptional(),
  session: z.string().exactOptional(),
  branch: z.string().exactOptional(),
  commits: z.array(z.string()).exactOptional(),
  task: oidSchema,
  count: z.int().min(1).exactOptional(),
});
