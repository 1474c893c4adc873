import { type ChildProcess, spawn } from 'node:child_process';
import type { AgentCommand, AgentProgress, ProcessEnd } from '@errand/agents';

/** One run of a real CLI, without a worker. */
export interface RunningProcess {
  readonly child: ChildProcess;
  /** Everything that was heard so far. */
  readonly progress: readonly AgentProgress[];
  /** When the process is gone and its output read. */
  readonly ended: Promise<ProcessEnd>;
}

/** Less than the tests' own timeout, so that a CLI that never ends does not outlive its test. */
const MOST_MS = 120_000;

/** Starts what an adapter built and lets it hear. The process may leave children behind: end them in the test. */
export function runProcess(
  { command, hear }: { command: AgentCommand; hear(text: string): AgentProgress[] },
  { cwd, env, endedBy = null }: { cwd: string; env: Readonly<Record<string, string>>; endedBy?: ProcessEnd['endedBy'] },
): RunningProcess {
  const [program, ...args] = command.argv;
  const child = spawn(program, args, {
    cwd,
    env: { ...env, ...command.env },
    stdio: 'pipe',
    timeout: MOST_MS,
    killSignal: 'SIGKILL',
  });
  const progress: AgentProgress[] = [];
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    progress.push(...hear(text));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A process that ends without reading is no error.
  child.stdin.on('error', () => {});
  child.stdin.end(command.stdin);
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    let result: Pick<ProcessEnd, 'exitCode' | 'signal'> | null = null;
    const finish = () => resolve({ exitCode: null, signal: null, ...result, endedBy, stdout, stderr, capped: false });
    child.once('error', reject);
    child.once('exit', (exitCode, signal) => {
      result = { exitCode, signal };
      // After a SIGKILL its children hold the streams open.
      if (signal === 'SIGKILL') {
        child.stdout.destroy();
        child.stderr.destroy();
      }
    });
    child.once('close', finish);
  });
  return { child, progress, ended };
}
