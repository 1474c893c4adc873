import { z } from 'zod';
import { MACHINE_DEFAULTS as DEFAULT } from './machine-defaults.ts';
import {
  agentName,
  argument,
  branch,
  capability,
  clickAddress,
  diskSize,
  duration,
  machineName,
  model,
  namedBy,
  ntfyPriority,
  schemaNumber,
  secretText,
  size,
  text,
  timerDuration,
  topic,
  webAddress,
} from './schema-pieces.ts';
import { NAME, VARIABLE_NAME } from './shapes.ts';

const policy = z.strictObject({
  agents: z
    .array(agentName)
    .exactOptional()
    .meta({ description: 'Agents that tasks may use on this machine.', default: DEFAULT.policy.agents }),
  permissions: z
    .enum(['plan', 'edits', 'bypass'])
    .exactOptional()
    .meta({ description: 'How far an agent may go without asking.', default: DEFAULT.policy.permissions }),
  sandbox: text.exactOptional().meta({ description: 'none, or auto for the best there is.', default: DEFAULT.policy.sandbox }),
  contain: z
    .enum(['auto', 'cgroup', 'pidns', 'tree'])
    .exactOptional()
    .meta({ description: 'How an attempt is held together as one unit.', default: DEFAULT.policy.contain }),
  repos: z
    .union([z.literal('any'), z.array(text)])
    .exactOptional()
    .meta({
      description: 'Repositories that tasks may work in: addresses, or how they start, up to a slash or a colon.',
      default: DEFAULT.policy.repos,
    }),
  verify: z.array(text).max(100).exactOptional().meta({
    description: 'Verify lines that tasks may use here, word for word; bypass allows every one.',
    default: DEFAULT.policy.verify,
  }),
});

const agent = z.strictObject({
  bin: text.exactOptional().meta({ description: 'Executable to start: a name on PATH, or a path.' }),
  argv: z.array(argument).exactOptional().meta({ description: 'The whole command line of the command agent.' }),
  env: namedBy(VARIABLE_NAME, secretText).exactOptional().meta({ description: 'Variables that the agent gets.', default: {} }),
  max_turns: z
    .int()
    .min(1)
    .max(10_000)
    .exactOptional()
    .meta({ description: 'Turns of the model in one attempt; no limit by default.' }),
  tiers: z
    .strictObject({
      haiku: model.exactOptional().meta({ description: 'Model for easy tasks.' }),
      sonnet: model.exactOptional().meta({ description: 'Model for ordinary tasks.' }),
      opus: model.exactOptional().meta({ description: 'Model for hard tasks.' }),
    })
    .exactOptional()
    .meta({ description: 'Models of this agent here, over those of the queue.' }),
});

const ntfy = z.strictObject({
  server: webAddress.meta({ description: 'Address of the ntfy server.' }),
  topic: topic.meta({ description: 'Topic that notifications go to.' }),
  wake: topic.exactOptional().meta({ description: 'Topic that tells workers to look now.' }),
  token: secretText.exactOptional().meta({ description: 'Access token for the server.' }),
  click: clickAddress
    .exactOptional()
    .meta({ description: 'Address that a notification opens; {path} is the file in the queue.' }),
  priorities: z
    .strictObject({
      done: ntfyPriority.exactOptional().meta({ description: 'A task is done.', default: DEFAULT.ntfy.priorities.done }),
      failed: ntfyPriority.exactOptional().meta({ description: 'A task failed.', default: DEFAULT.ntfy.priorities.failed }),
      cancelled: ntfyPriority
        .exactOptional()
        .meta({ description: 'A task was cancelled while it ran.', default: DEFAULT.ntfy.priorities.cancelled }),
      queued: ntfyPriority
        .exactOptional()
        .meta({ description: 'A task was filed here.', default: DEFAULT.ntfy.priorities.queued }),
      'dead-worker': ntfyPriority
        .exactOptional()
        .meta({ description: 'A machine stopped beating while it had tasks.', default: DEFAULT.ntfy.priorities['dead-worker'] }),
      attention: ntfyPriority
        .exactOptional()
        .meta({ description: 'Something that a person must look at.', default: DEFAULT.ntfy.priorities.attention }),
    })
    .exactOptional()
    .meta({ description: 'How urgent each kind of notification is; off sends none.' }),
});

/** The machine's own file as it is written. */
export const machineFileSchema = z.strictObject({
  schema: schemaNumber.exactOptional().meta({ description: 'Format of this file.', default: 1 }),
  queue: text.exactOptional().meta({ description: 'Git URL or path of the queue.' }),
  branch: branch.exactOptional().meta({ description: 'Branch of the queue.', default: DEFAULT.branch }),
  machine: machineName.exactOptional().meta({ description: 'Name of this machine; by default made from its host name.' }),
  slots: z.int().min(1).max(256).exactOptional().meta({ description: 'How many attempts run at once.', default: DEFAULT.slots }),
  capabilities: z
    .array(capability)
    .exactOptional()
    .meta({ description: 'What tasks may ask for under needs.', default: DEFAULT.capabilities }),
  policy: policy.exactOptional().meta({ description: 'What tasks are allowed here.' }),
  agents: namedBy(NAME, agent).exactOptional().meta({ description: 'Settings of each agent, by its name.' }),
  default_agent: agentName.exactOptional().meta({ description: 'What agent: auto means here.' }),
  directory: text.exactOptional().meta({ description: 'Folder in which attempts run, instead of a fresh one each.' }),
  ntfy: ntfy.exactOptional().meta({ description: 'Where notifications go.' }),
  poll: z
    .strictObject({
      interval: timerDuration
        .exactOptional()
        .meta({ description: 'Time between two looks at the queue.', default: DEFAULT.poll.interval }),
    })
    .exactOptional()
    .meta({ description: 'Looking at the queue.' }),
  lease: z
    .strictObject({
      heartbeat: timerDuration
        .exactOptional()
        .meta({ description: 'Time between two heartbeats while tasks run.', default: DEFAULT.lease.heartbeat }),
      ttl: timerDuration.exactOptional().meta({
        description: 'Silence after which others take over; at least twice, by default three times the heartbeat.',
      }),
    })
    .exactOptional()
    .meta({ description: 'How claims stay alive.' }),
  grace: z
    .strictObject({
      shutdown: timerDuration
        .exactOptional()
        .meta({ description: 'How long attempts may go on after SIGTERM.', default: DEFAULT.grace.shutdown }),
      kill: timerDuration.exactOptional().meta({ description: 'Time between SIGTERM and SIGKILL.', default: DEFAULT.grace.kill }),
    })
    .exactOptional()
    .meta({ description: 'How attempts are ended.' }),
  idle_timeout: timerDuration
    .exactOptional()
    .meta({ description: 'An attempt without output for so long is stalled.', default: DEFAULT.idle_timeout }),
  output_cap: size.exactOptional().meta({ description: 'How much output of an attempt is kept.', default: DEFAULT.output_cap }),
  keep: z
    .strictObject({
      workspaces: duration.exactOptional().meta({
        description: 'How long the folder of an attempt stays after its last change.',
        default: DEFAULT.keep.workspaces,
      }),
      logs: duration
        .exactOptional()
        .meta({ description: 'How long run logs and transcripts of agents stay.', default: DEFAULT.keep.logs }),
      repos: duration
        .exactOptional()
        .meta({ description: 'How long the clone of a repository stays that no task uses.', default: DEFAULT.keep.repos }),
      results: duration
        .exactOptional()
        .meta({ description: 'How long results stay that could not be recorded.', default: DEFAULT.keep.results }),
      size: diskSize.exactOptional().meta({
        description: 'Room for all of these together; what was used longest ago goes first.',
        default: DEFAULT.keep.size,
      }),
    })
    .exactOptional()
    .meta({ description: 'How long what attempts leave on this machine stays there.' }),
});

/** The machine's own file after the schema was checked; defaults are not filled in. */
export type MachineFile = z.infer<typeof machineFileSchema>;
