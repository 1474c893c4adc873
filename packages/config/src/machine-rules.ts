import { parseDuration } from '@errand/task';
import { isSupportedAgent, KNOWN_AGENTS } from './agent-names.ts';
import type { Rule, RuleFinding } from './check-file.ts';
import { hasShape, isAgent, type NamedPlace } from './check-names.ts';
import { HEARTBEATS_PER_TTL, MACHINE_DEFAULTS } from './machine-defaults.ts';
import type { MachineFile } from './machine-schema.ts';
import { findPasswordInRemote, findUnsafeRemote } from './remote-rules.ts';
import { VARIABLE_NAME } from './shapes.ts';

/** What the rules need to know besides the file. */
export interface MachineRuleContext {
  /** Of the process that will run agents; null where the platform has none. */
  uid: number | null;
}

type MachineRule = Rule<MachineFile, MachineRuleContext>;

const refuseUnsafeQueue: MachineRule = ({ queue }) => (queue === undefined ? [] : findUnsafeRemote(queue, ['queue']));

const keepLeaseLongerThanHeartbeats: MachineRule = ({ lease }) => {
  const heartbeatMs = parseDuration(lease?.heartbeat ?? MACHINE_DEFAULTS.lease.heartbeat);
  const ttlMs = lease?.ttl === undefined ? null : parseDuration(lease.ttl);
  if (heartbeatMs === null || ttlMs === null || ttlMs >= 2 * heartbeatMs) return [];
  const heartbeat = lease?.heartbeat ?? `${MACHINE_DEFAULTS.lease.heartbeat} (the default)`;
  return [
    {
      path: ['lease', 'ttl'],
      about: [
        ['lease', 'heartbeat'],
        ['lease', 'ttl'],
      ],
      at: 'value',
      code: 'lease-too-short',
      message: `\`lease.ttl\` ${lease?.ttl} is less than twice the heartbeat, which is ${heartbeat}: one lost push would lose the claim`,
      hint: `Make it at least ${(2 * heartbeatMs) / 1000}s; ${HEARTBEATS_PER_TTL} heartbeats are usual.`,
    },
  ];
};

const giveTheCommandAgentItsCommand: MachineRule = ({ agents = {}, policy }) => {
  const hint = 'Write the whole command line, as in argv: [sh, -s]; the prompt arrives on its standard input.';
  const { command } = agents;
  if (command === undefined) {
    const index = policy?.agents?.indexOf('command') ?? -1;
    if (index < 0) return [];
    const message = '`policy.agents` allows command, but `agents.command.argv` does not say what it runs';
    return [
      {
        path: ['policy', 'agents', index],
        about: [['agents', 'command']],
        at: 'value',
        code: 'command-without-argv',
        message,
        hint,
      },
    ];
  }
  const found: RuleFinding[] = [];
  if (command.argv === undefined) {
    const message = '`agents.command` has no `argv`';
    found.push({
      path: ['agents', 'command'],
      about: [['agents', 'command', 'argv']],
      at: 'key',
      code: 'command-without-argv',
      message,
      hint,
    });
  } else if (command.argv.length === 0 || command.argv[0] === '') {
    const message = '`agents.command.argv` names no program';
    found.push({ path: ['agents', 'command', 'argv'], at: 'value', code: 'command-without-argv', message, hint });
  }
  if (command.bin !== undefined) {
    const message = '`agents.command.bin` has no meaning: the first item of `argv` is the program';
    found.push({ path: ['agents', 'command', 'bin'], at: 'key', code: 'key-without-effect', message, hint: 'Delete the line.' });
  }
  return found;
};

const keepArgvForTheCommandAgent: MachineRule = ({ agents = {} }) =>
  Object.entries(agents)
    .filter(([name, { argv }]) => name !== 'command' && argv !== undefined)
    .map(([name]) => ({
      path: ['agents', name, 'argv'],
      at: 'key',
      code: 'key-without-effect',
      message: `\`agents.${name}.argv\` has no meaning: only the command agent takes a command line`,
      hint: 'Delete the line; `bin` names the executable.',
    }));

const keepTurnsForClaude: MachineRule = ({ agents = {} }) =>
  Object.entries(agents)
    .filter(([name, { max_turns: maxTurns }]) => name !== 'claude' && maxTurns !== undefined)
    .map(([name]) => ({
      path: ['agents', name, 'max_turns'],
      at: 'key',
      code: 'key-without-effect',
      message: `\`agents.${name}.max_turns\` has no meaning: errand can limit the turns of claude alone`,
      hint: "Delete the line; a task's `timeout` limits every agent.",
    }));

const allowTheDefaultAgent: MachineRule = ({ default_agent: name, policy }) => {
  if (name === undefined || policy?.agents?.includes(name)) return [];
  const message = `\`default_agent\` is ${name}, which \`policy.agents\` does not allow`;
  return [
    {
      path: ['default_agent'],
      about: [['policy', 'agents']],
      at: 'value',
      code: 'default-agent-not-allowed',
      message,
      hint: `Add ${name} to policy.agents, or delete default_agent.`,
    },
  ];
};

const tellOfPasswordInQueue: MachineRule = ({ queue }) => (queue === undefined ? [] : findPasswordInRemote(queue, ['queue']));

const tellOfUnsupportedAgents: MachineRule = ({ policy }) =>
  (policy?.agents ?? []).flatMap((name, index) =>
    isSupportedAgent(name)
      ? []
      : [
          {
            path: ['policy', 'agents', index],
            at: 'value',
            code: 'agent-not-supported-yet',
            message: `this version cannot run the agent ${name}: tasks that ask for it wait`,
            hint: `This version runs ${KNOWN_AGENTS.filter(isSupportedAgent).join(', ')}.`,
          },
        ],
  );

const tellOfUnsupportedSandbox: MachineRule = ({ policy }) => {
  const sandbox = policy?.sandbox;
  if (sandbox === undefined || sandbox === 'none' || sandbox === 'auto') return [];
  const message = `\`policy.sandbox\` ${JSON.stringify(sandbox.slice(0, 40))} is not supported by this version: attempts run without a sandbox`;
  return [{ path: ['policy', 'sandbox'], at: 'value', code: 'sandbox-not-supported-yet', message, hint: 'Write none or auto.' }];
};

const tellOfBypassAsRoot: MachineRule = ({ policy }, { uid }) => {
  if (policy?.permissions !== 'bypass' || uid !== 0) return [];
  const message = '`policy.permissions: bypass` as root: whoever can push to the queue can do anything on this machine';
  return [
    {
      path: ['policy', 'permissions'],
      at: 'value',
      code: 'bypass-as-root',
      message,
      hint: 'Run the worker as a user of its own. Claude Code refuses to bypass permissions as root: see IS_SANDBOX in errand help agents.',
    },
  ];
};

/** Names of the writer's own. */
export const MACHINE_NAMES: readonly NamedPlace[] = [
  { at: ['agents'], check: isAgent },
  { at: ['agents', '*', 'env'], check: hasShape(VARIABLE_NAME) },
];

/** With any of these the file is not used. */
export const MACHINE_ERRORS: readonly MachineRule[] = [
  refuseUnsafeQueue,
  keepLeaseLongerThanHeartbeats,
  giveTheCommandAgentItsCommand,
  keepArgvForTheCommandAgent,
  keepTurnsForClaude,
  allowTheDefaultAgent,
];

/** With these it is, and people are told. */
export const MACHINE_WARNINGS: readonly MachineRule[] = [
  tellOfPasswordInQueue,
  tellOfUnsupportedAgents,
  tellOfUnsupportedSandbox,
  tellOfBypassAsRoot,
];
