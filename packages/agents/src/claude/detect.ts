import type { AgentCommand, AgentProgress, ProcessEnd } from '../agent.ts';
import { ourEnvironment } from './build-command.ts';
import type { ClaudeConfig } from './config.ts';
import { judgeRun } from './judge-run.ts';
import { Listener } from './listener.ts';
import { writeTexts } from './write-message.ts';

/** Whether the account can be used, as far as one tiny request tells. */
export type LoginState =
  | { kind: 'logged-in' }
  | { kind: 'not-logged-in'; cause: string }
  /** The service could not be asked, or the program not be run. */
  | { kind: 'unknown'; cause: string };

/** An invocation whose end tells whether Claude Code is logged in. */
export interface LoginProbe {
  command: AgentCommand;
  hear(text: string): AgentProgress[];
  judge(end: ProcessEnd): LoginState;
}

/** Prints the version; needs neither login nor network. */
export function versionCommand(config: Pick<ClaudeConfig, 'bin'>): AgentCommand {
  return { argv: [config.bin, '--version'], env: { DISABLE_AUTOUPDATER: '1' }, stdin: '' };
}

/** `2.1.328 (Claude Code)` → `2.1.328`; null where it is the output of something else. */
export function parseVersion(stdout: string): string | null {
  return /^(\d+\.\d+\.\d+\S*) \(Claude Code\)\s*$/.exec(stdout)?.[1] ?? null;
}

/**
 * One word asked of the cheapest model, without tools and without a session: only the service knows whether a login is good.
 * `tmp` is an absolute folder. In a folder of ours there are no settings but those that an attempt has planted: none are read.
 */
export function loginProbe(config: ClaudeConfig, tmp: string): LoginProbe {
  const listener = new Listener();
  return {
    command: {
      argv: [
        config.bin,
        '--print',
        '--verbose',
        '--input-format=stream-json',
        '--output-format=stream-json',
        '--model=haiku',
        '--max-turns=1',
        '--tools=',
        '--system-prompt=Answer with one word.',
        '--no-session-persistence',
        `--setting-sources=${config.env.CLAUDE_CONFIG_DIR === undefined ? '' : 'user'}`,
        '--strict-mcp-config',
      ],
      env: { ...ourEnvironment(config, tmp), CLAUDE_CODE_MAX_RETRIES: '1', ...config.env },
      stdin: writeTexts(['Say yes.']),
    },
    hear: (text) => listener.hear(text),
    judge: (end) => judgeLogin(end, listener),
  };
}

/** Whoever is told of a limit was recognised. */
function judgeLogin(end: ProcessEnd, listener: Listener): LoginState {
  const { outcome, cause = outcome } = judgeRun(end, listener.finish(), { kind: 'fresh', id: '' });
  switch (outcome) {
    case 'done':
    case 'rate-limited':
      return { kind: 'logged-in' };
    case 'auth':
      return { kind: 'not-logged-in', cause };
    default:
      return { kind: 'unknown', cause };
  }
}
