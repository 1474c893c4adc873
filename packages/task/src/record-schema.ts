import { z } from 'zod';
import { attemptSchema, isoSchema, machineNameSchema, oidSchema, tierSchema } from './attempt-schema.ts';
import { isTaskId } from './ids.ts';
import type { Heartbeat, KeyHold, Record, WaitingNext } from './record.ts';

const id = z.string().refine(isTaskId);
const nonce = z.string().regex(/^[\w-]{1,64}$/);
const boot = z.string().min(1).max(64);
const concurrencyKey = z.object({ name: z.string(), oid: oidSchema });

const next: z.ZodType<WaitingNext> = z.object({
  retry_at: isoSchema.exactOptional(),
  wait_s: z.number().min(0).exactOptional(),
  tier: tierSchema.exactOptional(),
  session: z.object({ id: z.string(), worker: machineNameSchema }).exactOptional(),
  not_on: z.array(machineNameSchema).exactOptional(),
});

const common = { schema: z.literal(1), id, nonce, task: oidSchema, attempts: z.array(attemptSchema) };

/** The body of `refs/errand/tasks/<id>`. */
export const recordSchema: z.ZodType<Record> = z.discriminatedUnion('state', [
  z.object({
    ...common,
    state: z.literal('claimed'),
    attempt: z.int().min(1),
    worker: machineNameSchema,
    boot,
    key: concurrencyKey.exactOptional(),
    tier: tierSchema.exactOptional(),
    claimed_at: isoSchema,
    next: next.exactOptional(),
  }),
  z.object({ ...common, state: z.literal('waiting'), reason: z.string(), next: next.exactOptional() }),
  z.object({
    ...common,
    state: z.literal('parked'),
    attempt: z.int().min(1),
    worker: machineNameSchema,
    boot,
    key: concurrencyKey.exactOptional(),
    result_state: z.enum(['done', 'failed', 'cancelled']),
    subject: z.string(),
    finished_at: isoSchema,
  }),
]);

/** The body of `refs/errand/workers/<machine>`. */
export const heartbeatSchema: z.ZodType<Heartbeat> = z.object({
  schema: z.literal(1),
  machine: machineNameSchema,
  boot,
  state: z.enum(['running', 'stopped', 'tombstone']),
  runs: z.array(
    z.object({
      nonce,
      id,
      attempt: z.int().min(1),
      started_at: isoSchema.exactOptional(),
      phase: z.enum(['claimed', 'running', 'finished']),
      agent: z.string().exactOptional(),
      model: z.string().exactOptional(),
      turns: z.int().min(0).exactOptional(),
      tool_calls: z.int().min(0).exactOptional(),
      output_at: isoSchema.exactOptional(),
    }),
  ),
  version: z.string(),
  slots: z.int().min(0),
  capabilities: z.array(z.string()),
  agents: z.record(
    z.string(),
    z.object({
      version: z.string().exactOptional(),
      paused_until: isoSchema.exactOptional(),
      reason: z.string().exactOptional(),
    }),
  ),
  default_agent: z.string().exactOptional(),
  verify_lines: z.array(z.string()).exactOptional(),
  interval_s: z.number().positive(),
  ttl_s: z.number().positive(),
  at: isoSchema,
  nonce,
});

/** The body of `refs/errand/keys/<hash of key>`. */
export const keyHoldSchema: z.ZodType<KeyHold> = z.object({
  schema: z.literal(1),
  key: z.string(),
  nonce,
  id,
  worker: machineNameSchema,
});
