import { z } from 'zod';
import { attemptSchema, isoSchema } from './attempt-schema.ts';
import { explain } from './yaml/schema-shape.ts';

/** The front matter of a result file. Only what says how the task ended is required: a person may have edited the rest away. */
export const resultHeadSchema = z.object({
  schema: explain(z.literal(1), {
    code: 'newer-schema',
    expected: '1',
    hint: 'Update errand on this machine to read results of a later schema.',
  })
    .default(1)
    .describe('The version of the file format: 1.'),
  id: z.string().optional().describe('The id of the task; the name of the file where it is not given.'),
  state: explain(z.enum(['done', 'failed', 'cancelled']), {
    code: 'bad-state',
    expected: 'done, failed or cancelled',
    hint: 'Write how the task ended.',
  }).describe('How the task ended.'),
  task: z.string().default('').describe('Blob of the task file that was run.'),
  nonce: z.string().default('').describe('The nonce of the claim that this result ends.'),
  finished_at: explain(isoSchema, {
    code: 'bad-date',
    expected: 'a date and time',
    hint: 'Write it as 2026-11-21T09:00:00Z.',
  }).describe('When the task ended, ISO 8601, UTC.'),
  attempts: explain(z.array(attemptSchema), {
    code: 'bad-attempts',
    expected: 'a list of attempts',
    hint: 'Restore the line from the history of the file, or delete `attempts`.',
  })
    .default([])
    .describe('Every execution of the task, oldest first.'),
});
