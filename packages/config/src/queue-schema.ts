import { z } from 'zod';
import { QUEUE_DEFAULTS as DEFAULT } from './queue-defaults.ts';
import {
  agentName,
  capability,
  duration,
  hostAddress,
  loginName,
  model,
  namedBy,
  pushes,
  schemaNumber,
  text,
} from './schema-pieces.ts';
import { MACHINE_NAME, NAME, TEXT } from './shapes.ts';

const machine = z.strictObject({
  address: hostAddress.exactOptional().meta({ description: 'Host name or address, as ssh takes it.' }),
  user: loginName.exactOptional().meta({ description: 'User to log in as.' }),
  port: z.int().min(1).max(65_535).exactOptional().meta({ description: 'Port of the ssh server.' }),
  capabilities: z
    .array(capability)
    .exactOptional()
    .meta({ description: 'What the machine offers.', default: DEFAULT.machine.capabilities }),
  worker: z
    .boolean()
    .exactOptional()
    .meta({ description: 'False for a machine that runs no tasks.', default: DEFAULT.machine.worker }),
});

const routing = z.strictObject({
  words: namedBy(TEXT, z.number().min(-100).max(100))
    .exactOptional()
    .meta({ description: 'Weight of a word or phrase; above 0 asks for a more capable model.' }),
  thresholds: z
    .strictObject({
      sonnet: z.number().meta({ description: 'Score from which a task needs sonnet.' }),
      opus: z.number().meta({ description: 'Score from which a task needs opus.' }),
    })
    .exactOptional()
    .meta({ description: 'Scores that choose the tier.' }),
});

const tiers = z.strictObject({
  haiku: model.meta({ description: 'Model for easy tasks.' }),
  sonnet: model.meta({ description: 'Model for ordinary tasks.' }),
  opus: model.meta({ description: 'Model for hard tasks.' }),
});

const defaults = z.strictObject({
  timeout: duration.exactOptional().meta({ description: 'How long an attempt may run.', default: DEFAULT.defaults.timeout }),
  retries: z
    .int()
    .min(0)
    .max(100)
    .exactOptional()
    .meta({ description: 'How many tries follow the first.', default: DEFAULT.defaults.retries }),
  model: model.exactOptional().meta({ description: 'auto, a tier, or an exact model.', default: DEFAULT.defaults.model }),
  agent: z
    .union([z.literal('auto'), agentName])
    .exactOptional()
    .meta({ description: 'auto, or the name of an agent.', default: DEFAULT.defaults.agent }),
  priority: z.int().min(0).max(9).exactOptional().meta({ description: '0 first … 9 last.', default: DEFAULT.defaults.priority }),
});

/** `config/errand.yaml` as it is written. */
export const queueFileSchema = z.strictObject({
  schema: schemaNumber.exactOptional().meta({ description: 'Format of this file.', default: 1 }),
  machines: namedBy(MACHINE_NAME, machine)
    .exactOptional()
    .meta({ description: 'Machines, by name. A worker need not be listed.', default: DEFAULT.machines }),
  repos: namedBy(NAME, text)
    .exactOptional()
    .meta({ description: 'Git URLs by the short name that tasks use.', default: DEFAULT.repos }),
  routing: routing.exactOptional().meta({ description: "How a task's text chooses the tier.", default: DEFAULT.routing }),
  tiers: namedBy(NAME, tiers).exactOptional().meta({ description: 'Model of each tier, by agent.', default: DEFAULT.tiers }),
  defaults: defaults.exactOptional().meta({ description: 'What tasks mean by the keys they leave out.' }),
  tidy: z
    .union([z.literal('never'), duration])
    .exactOptional()
    .meta({ description: "How long after it finished a task's file is removed, or never.", default: DEFAULT.tidy }),
  pushes: pushes
    .exactOptional()
    .meta({ description: 'How many pushes per minute all workers of the queue may make together, or none for no limit.' }),
});

/** The queue's file after the schema was checked; defaults are not filled in. */
export type QueueFile = z.infer<typeof queueFileSchema>;
