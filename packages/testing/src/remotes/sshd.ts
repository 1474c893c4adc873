import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { mustRun } from '../run-command.ts';

export const SSHD = '/usr/sbin/sshd';

export interface SshdSettings {
  port: number;
  /** Absolute paths. */
  hostKey: string;
  authorizedKeys: string;
  oldProtocol?: boolean;
}

export async function writeSshdConfig(path: string, settings: SshdSettings): Promise<void> {
  const lines = [
    `Port ${settings.port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${settings.hostKey}`,
    'PidFile none',
    `AuthorizedKeysFile ${settings.authorizedKeys}`,
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'PermitRootLogin no',
    'StrictModes no',
    'PrintMotd no',
    'MaxStartups 100',
    // To bash this is a shell within a shell, which reads no ~/.bashrc: the developer's stays out of the test, and git's settings too.
    'SetEnv SHLVL=5 GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null',
    ...(settings.oldProtocol ? [] : ['AcceptEnv GIT_PROTOCOL']),
  ];
  await writeFile(path, `${lines.join('\n')}\n`);
}

/** Started, and listening: it says so on standard error. */
export function startSshd(config: string, env: Record<string, string>): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn(SSHD, ['-D', '-e', '-f', config], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Server listening on')) resolve(child);
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`sshd did not start: ${said}`)));
  });
}

/** Ends the server with its open connections: sshd alone would leave those to their own processes. */
export async function stopSshd(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const connections = await descendantsOf(server.pid);
  const gone = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL');
  for (const pid of connections) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  await gone;
}

async function descendantsOf(root: number): Promise<number[]> {
  const env = { PATH: process.env.PATH ?? '' };
  const rows = (await mustRun('ps', ['-A', '-o', 'pid=,ppid='], { env }))
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = [root];
  for (const parent of found) found.push(...rows.filter(([, ppid]) => ppid === parent).map(([pid]) => pid as number));
  return found.slice(1);
}
