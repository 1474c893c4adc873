import { accessSync } from 'node:fs';
import { chmod, chown, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hermeticEnv } from '../hermetic.ts';
import { mustRun, runCommand } from '../run-command.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { BareRepository } from './bare-repository.ts';
import { findFreePort } from './free-port.ts';
import { ordinaryUser, whyNoOrdinaryUser } from './ordinary-user.ts';
import type { RemoteServer } from './remote-server.ts';
import { SSHD, type SshdSettings, startSshd, stopSshd, writeSshdConfig } from './sshd.ts';
import type { TestRemote } from './test-remote.ts';

/** The server's name in `known_hosts`, whatever port leads to it. */
const HOST_KEY_ALIAS = 'errand-test-host';

export interface SshServerOptions {
  /** It keeps git's wish for protocol v2 from git, as an sshd does that nobody has told of it. */
  oldProtocol?: boolean;
}

/** Why there can be no ssh remote on this machine, or null. */
export function whyNoSshRemote(): string | null {
  try {
    accessSync(SSHD);
  } catch {
    return `${SSHD} is missing: install openssh-server`;
  }
  return whyNoOrdinaryUser();
}

/**
 * A real sshd on 127.0.0.1, with keys and configuration of its own, into which an ordinary user logs in: the one who runs
 * the tests, or, where that is root, another, who owns the repositories then.
 */
export async function startSshServer(options: SshServerOptions = {}): Promise<RemoteServer> {
  const missing = whyNoSshRemote();
  if (missing !== null) throw new Error(missing);
  const folder = temporaryDirectory();
  const base = hermeticEnv(folder.path);
  const place = (name: string): string => join(folder.path, name);
  const user = await ordinaryUser();
  await makeFiles(place, base, user);
  const port = await findFreePort();
  const settings: SshdSettings = { port, hostKey: place('host'), authorizedKeys: place('authorized_keys') };
  await writeSshdConfig(place('sshd_config'), { ...settings, oldProtocol: options.oldProtocol ?? false });
  const start = () => startSshd(place('sshd_config'), base);
  let server = await start();
  const ssh = sshCommand(place);
  let repositories = 0;
  return {
    openRemote: async (remoteOptions = {}) => {
      const number = ++repositories;
      const dir = join(place('repositories'), `queue-${number}.git`);
      const repository = await BareRepository.init(dir, base, remoteOptions, user.isAnother ? user : undefined);
      const runtime = place(`run-${number}`);
      await mkdir(runtime, { mode: 0o700 });
      let away = false;
      const remote: TestRemote = {
        kind: 'ssh',
        url: `ssh://${user.name}@127.0.0.1:${port}${dir}`,
        env: { ...base, GIT_SSH_COMMAND: ssh, XDG_RUNTIME_DIR: runtime },
        repository,
        goAway: async () => {
          away = true;
          await stopSshd(server);
        },
        comeBack: async () => {
          server = await start();
          away = false;
        },
        [Symbol.asyncDispose]: async () => {
          await endSharedConnections(runtime, base);
          if (away) server = await start();
          await rm(dir, { recursive: true, force: true });
        },
      };
      return remote;
    },
    [Symbol.asyncDispose]: async () => {
      await stopSshd(server);
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function makeFiles(place: (name: string) => string, env: Record<string, string>, user: { uid: number; gid: number }) {
  for (const key of ['host', 'id']) await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', place(key)], { env });
  await copyFile(place('id.pub'), place('authorized_keys'));
  await chmod(place('authorized_keys'), 0o644);
  await mkdir(place('repositories'));
  // The other user must get in, to the keys and to the repositories.
  await chmod(place('.'), 0o711);
  await chown(place('repositories'), user.uid, user.gid);
  const hostKey = (await readFile(place('host.pub'), 'utf8')).split(' ').slice(0, 2).join(' ');
  await writeFile(place('known_hosts'), `${HOST_KEY_ALIAS} ${hostKey}\n`);
  // A server run by root gives up its rights in this folder, which Debian makes only when it starts its own.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
}

function sshCommand(place: (name: string) => string): string {
  const settings = [
    'IdentitiesOnly=yes',
    `UserKnownHostsFile=${place('known_hosts')}`,
    'StrictHostKeyChecking=yes',
    `HostKeyAlias=${HOST_KEY_ALIAS}`,
  ];
  return ['ssh', '-F', 'none', '-i', place('id'), ...settings.flatMap((option) => ['-o', option])].join(' ');
}

/** Connections that workers and people share stay open for a while after them; these are nobody's any more. */
async function endSharedConnections(runtime: string, env: Record<string, string>): Promise<void> {
  const folder = join(runtime, 'errand-ssh');
  const sockets = await readdir(folder).catch(() => []);
  for (const socket of sockets)
    await runCommand('ssh', ['-F', 'none', '-S', join(folder, socket), '-O', 'exit', 'test'], { env });
}
