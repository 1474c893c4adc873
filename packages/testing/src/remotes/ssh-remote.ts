import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { hermeticEnv } from '../hermetic.ts';
import { mustRun } from '../run-command.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { BareRepository } from './bare-repository.ts';
import { findFreePort } from './free-port.ts';
import type { TestRemote, TestRemoteOptions } from './test-remote.ts';

const SSHD = '/usr/sbin/sshd';

/** Why there can be no ssh remote on this machine, or null. */
export function whyNoSshRemote(): string | null {
  try {
    accessSync(SSHD);
    return null;
  } catch {
    return `${SSHD} is missing: install openssh-server`;
  }
}

/**
 * A remote behind a real sshd on 127.0.0.1, with keys and configuration of its own, for the user who runs the test.
 * With `oldProtocol` it keeps git's wish for protocol v2 from the server, as an sshd does that nobody has told of it.
 */
export async function sshRemote(options: TestRemoteOptions & { oldProtocol?: boolean } = {}): Promise<TestRemote> {
  const missing = whyNoSshRemote();
  if (missing !== null) throw new Error(missing);
  const folder = temporaryDirectory();
  const base = hermeticEnv(folder.path);
  const place = (name: string): string => join(folder.path, name);
  const repository = await BareRepository.init(place('queue.git'), base, options);
  const port = await findFreePort();
  for (const key of ['host', 'id']) {
    await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', place(key)], { env: base });
  }
  await mkdir(place('run'), { mode: 0o700 });
  await copyFile(place('id.pub'), place('authorized_keys'));
  const hostKey = (await readFile(place('host.pub'), 'utf8')).split(' ').slice(0, 2).join(' ');
  await writeFile(place('known_hosts'), `[127.0.0.1]:${port} ${hostKey}\n`);
  await writeFile(place('sshd_config'), sshdConfig(port, place, options.oldProtocol ?? false));
  // A server run by root gives up its rights in this folder, which Debian makes only when it starts its own.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });

  const settings = ['IdentitiesOnly=yes', `UserKnownHostsFile=${place('known_hosts')}`, 'StrictHostKeyChecking=yes'];
  const command = ['ssh', '-F', 'none', '-i', place('id'), ...settings.flatMap((option) => ['-o', option])].join(' ');
  let server = await startServer(place('sshd_config'), base);
  return {
    kind: 'ssh',
    url: `ssh://${userInfo().username}@127.0.0.1:${port}${repository.dir}`,
    env: { ...base, GIT_SSH_COMMAND: command, XDG_RUNTIME_DIR: place('run') },
    repository,
    goAway: () => stopServer(server),
    comeBack: async () => {
      server = await startServer(place('sshd_config'), base);
    },
    [Symbol.asyncDispose]: async () => {
      await stopServer(server);
      await folder[Symbol.asyncDispose]();
    },
  };
}

function sshdConfig(port: number, place: (name: string) => string, oldProtocol: boolean): string {
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${place('host')}`,
    'PidFile none',
    `AuthorizedKeysFile ${place('authorized_keys')}`,
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    'StrictModes no',
    'PrintMotd no',
    // To bash this is a shell within a shell, which reads no ~/.bashrc: the developer's stays out of the test.
    'SetEnv SHLVL=5',
    ...(oldProtocol ? [] : ['AcceptEnv GIT_PROTOCOL']),
  ];
  return `${lines.join('\n')}\n`;
}

/** Started, and listening: it says so on standard error. */
function startServer(config: string, env: Record<string, string>): Promise<ChildProcess> {
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
async function stopServer(server: ChildProcess): Promise<void> {
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
