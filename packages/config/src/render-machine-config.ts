import { stringify } from 'yaml';
import type { Containment, Permissions } from './machine-config.ts';
import { MACHINE_DEFAULTS as DEFAULT } from './machine-defaults.ts';

/** What `errand join` knows when it writes the file. */
export interface JoinValues {
  queue: string;
  branch?: string;
  machine: string;
  slots?: number;
  capabilities?: readonly string[];
  policy: { agents: readonly string[]; permissions?: Permissions; sandbox?: string; contain?: Containment };
  /** Command line of the `command` agent, where the policy allows it. */
  commandArgv?: readonly string[];
  defaultAgent?: string;
}

/** The machine's own file as commented YAML, which `parseMachineConfig` reads back. */
export function renderMachineConfig(values: JoinValues): string {
  const { policy, commandArgv, defaultAgent } = values;
  const line = (key: string, value: unknown, comment: string): string => `${key}: ${flow(value)}  # ${comment}`;
  return [
    "# This machine's own Errand configuration: what it may do, which nobody who pushes to the queue can change.",
    '# `errand help configuration` explains every key.',
    '',
    line('queue', values.queue, 'git URL or path of the queue'),
    line('branch', values.branch ?? DEFAULT.branch, 'branch of the queue'),
    line('machine', values.machine, 'name that tasks use for this machine'),
    line('slots', values.slots ?? DEFAULT.slots, 'how many attempts run at once'),
    line('capabilities', values.capabilities ?? DEFAULT.capabilities, 'what tasks may ask for under needs, e.g. docker'),
    '',
    'policy:',
    `  ${line('agents', policy.agents, 'agents that tasks may use here')}`,
    `  ${line('permissions', policy.permissions ?? DEFAULT.policy.permissions, 'plan | edits | bypass')}`,
    `  ${line('sandbox', policy.sandbox ?? DEFAULT.policy.sandbox, 'none | auto')}`,
    `  ${line('contain', policy.contain ?? DEFAULT.policy.contain, 'auto | cgroup | pidns | tree')}`,
    '',
    ...(commandArgv === undefined
      ? [
          '# agents:',
          '#   claude: { env: { CLAUDE_CODE_OAUTH_TOKEN: { file: ~/.config/errand/claude-token } } }',
          '#   command: { argv: [sh, -s] }  # the prompt arrives on standard input',
        ]
      : ['agents:', '  command:', `    ${line('argv', commandArgv, 'the prompt arrives on standard input')}`]),
    defaultAgent === undefined
      ? '# default_agent: command  # what agent: auto means here'
      : line('default_agent', defaultAgent, 'what agent: auto means here'),
    '',
  ].join('\n');
}

/** A value on one line, in quotes only where YAML needs them. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  const plain = stringify([value], { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trimEnd();
  return plain.includes('\n') ? JSON.stringify(value) : plain.slice(1, -1);
}
