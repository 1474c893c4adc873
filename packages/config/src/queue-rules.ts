import type { Finding } from '@errand/task';
import { isKnownAgent } from './agent-names.ts';
import type { Rule } from './check-file.ts';
import type { QueueFile } from './queue-schema.ts';
import { findPasswordInRemote, findUnsafeRemote } from './remote-rules.ts';
import { hintAtAgent } from './schema-pieces.ts';
import { MACHINE_NAME, NAME, type Shape } from './shapes.ts';

type QueueRule = Rule<QueueFile, null>;

const nameMachinesPlainly: QueueRule = ({ machines = {} }) => findBadNames(machines, 'machines', MACHINE_NAME);

const nameReposPlainly: QueueRule = ({ repos = {} }) => findBadNames(repos, 'repos', NAME);

const refuseUnsafeRepos: QueueRule = ({ repos = {} }) =>
  Object.entries(repos).flatMap(([name, remote]) => findUnsafeRemote(remote, ['repos', name]));

const nameOnlyKnownAgents: QueueRule = ({ tiers = {} }) =>
  Object.keys(tiers)
    .filter((name) => !isKnownAgent(name))
    .map((name) => ({
      path: ['tiers', name],
      at: 'key',
      code: 'unknown-agent',
      message: `there is no agent ${JSON.stringify(name.slice(0, 40))}`,
      hint: hintAtAgent(name),
    }));

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

const tellOfUnusedRepos: QueueRule = ({ repos = {} }) => {
  if (Object.keys(repos).length === 0) return [];
  const message = 'this version does not work in repositories: `repos` is checked and not used';
  return [{ path: ['repos'], at: 'key', code: 'repos-not-supported-yet', message, hint: 'It may stay for a later version.' }];
};

/** With any of these the file is not used. */
export const QUEUE_ERRORS: readonly QueueRule[] = [
  nameMachinesPlainly,
  nameReposPlainly,
  refuseUnsafeRepos,
  nameOnlyKnownAgents,
  putSonnetBeforeOpus,
  leaveCommandsToTasksAndMachines,
];

/** With these it is, and people are told. */
export const QUEUE_WARNINGS: readonly QueueRule[] = [tellOfPasswordInRepos, tellOfUnusedRepos];

function findBadNames(named: object, section: string, shape: Shape): Finding[] {
  return Object.keys(named)
    .filter((name) => !shape.pattern.test(name))
    .map((name) => ({
      path: [section, name],
      at: 'key',
      code: shape.code,
      message: `${JSON.stringify(name.slice(0, 40))} in \`${section}\` must be ${shape.expected}`,
      hint: shape.hint,
    }));
}
