import type { Rule } from './check-file.ts';
import { hasShape, isAgent, type NamedPlace } from './check-names.ts';
import type { QueueFile } from './queue-schema.ts';
import { findPasswordInRemote, findUnsafeRemote } from './remote-rules.ts';
import { MACHINE_NAME, NAME, TEXT } from './shapes.ts';

type QueueRule = Rule<QueueFile, null>;

const refuseUnsafeRepos: QueueRule = ({ repos = {} }) =>
  Object.entries(repos).flatMap(([name, remote]) => findUnsafeRemote(remote, ['repos', name]));

const putSonnetBeforeOpus: QueueRule = ({ routing }) => {
  const thresholds = routing?.thresholds;
  if (thresholds === undefined || thresholds.sonnet < thresholds.opus) return [];
  const message = `\`routing.thresholds\`: sonnet (${thresholds.sonnet}) must be below opus (${thresholds.opus})`;
  return [
    {
      path: ['routing', 'thresholds'],
      at: 'key',
      code: 'thresholds-out-of-order',
      message,
      hint: 'Raise opus, or lower sonnet.',
    },
  ];
};

const leaveCommandsToTasksAndMachines: QueueRule = ({ defaults }) => {
  if (defaults?.agent !== 'command') return [];
  const message = '`defaults.agent: command` would run the text of every task as a command';
  const hint = "Write `agent: command` in the task, or `default_agent: command` in the machine's own file.";
  return [{ path: ['defaults', 'agent'], at: 'value', code: 'command-as-default', message, hint }];
};

const tellOfPasswordInRepos: QueueRule = ({ repos = {} }) =>
  Object.entries(repos).flatMap(([name, remote]) => findPasswordInRemote(remote, ['repos', name]));

/** Names of the writer's own. */
export const QUEUE_NAMES: readonly NamedPlace[] = [
  { at: ['machines'], check: hasShape(MACHINE_NAME) },
  { at: ['repos'], check: hasShape(NAME) },
  { at: ['tiers'], check: isAgent },
  { at: ['routing', 'words'], check: hasShape(TEXT) },
];

/** With any of these the file is not used. */
export const QUEUE_ERRORS: readonly QueueRule[] = [refuseUnsafeRepos, putSonnetBeforeOpus, leaveCommandsToTasksAndMachines];

/** With these it is, and people are told. */
export const QUEUE_WARNINGS: readonly QueueRule[] = [tellOfPasswordInRepos];
