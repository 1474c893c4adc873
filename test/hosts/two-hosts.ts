import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CommandResult, type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { findNamespace } from '../model-api/namespace.ts';
import { endProcess, findMarked } from '../rig/processes.ts';
import { Host, layCable } from './host.ts';
import { HostProcess } from './host-process.ts';

export const ERRAND = fileURLToPath(new URL('../../packages/cli/dist/errand.js', import.meta.url));
const PI = '10.98.7.2';
const LAPTOP = '10.98.7.1';

/** Why there can be no hosts on this machine, or null. Only root may give a network of its own to an sshd. */
export function whyNoHosts(): string | null {
  if (process.platform !== 'linux') return 'hosts are network namespaces, which only Linux has';
  if (process.getuid?.() !== 0) return 'only root can run a host of its own with an sshd';
  for (const program of ['/usr/sbin/sshd', 'ssh', 'ip', 'nsenter', 'unshare'])
    if (!isThere(program)) return `${program} is missing`;
  const found = findNamespace();
  return 'missing' in found ? found.missing : null;
}

/** A laptop and a Pi that share a cable and nothing else. The Pi has the queue, an sshd, and may run a worker. */
export class TwoHosts implements AsyncDisposable {
  readonly laptop: Host;
  readonly pi: Host;
  readonly cut: () => Promise<void>;
  readonly heal: () => Promise<void>;
  readonly #folder: TemporaryDirectory;
  readonly #processes: HostProcess[] = [];
  #sshd: ChildProcess | null = null;

  private constructor(
    folder: TemporaryDirectory,
    laptop: Host,
    pi: Host,
    cable: { cut(): Promise<void>; heal(): Promise<void> },
  ) {
    this.#folder = folder;
    this.laptop = laptop;
    this.pi = pi;
    this.cut = cable.cut;
    this.heal = cable.heal;
  }

  static async open(): Promise<TwoHosts> {
    const folder = temporaryDirectory();
    const laptop = await Host.start(folder.path, 'laptop', LAPTOP, `${PI} pi.lan\n`);
    const pi = await Host.start(folder.path, 'pi', PI, '');
    const hosts = new TwoHosts(folder, laptop, pi, await layCable(laptop, pi));
    try {
      await hosts.#letIn();
      await hosts.#setUp();
    } catch (error) {
      await hosts[Symbol.asyncDispose]();
      throw error;
    }
    return hosts;
  }

  /** `errand` on one of them, to its end. */
  errand(host: Host, ...args: string[]): Promise<CommandResult> {
    return host.run([process.execPath, ERRAND, ...args]);
  }

  /** Standard output of a command that must succeed. */
  must(host: Host, ...args: string[]): Promise<string> {
    return host.must(process.execPath, ERRAND, ...args);
  }

  /** A command that goes on. */
  start(host: Host, command: readonly string[]): HostProcess {
    const started = new HostProcess(host, command);
    this.#processes.push(started);
    return started;
  }

  /** The worker of the Pi, once it has been heard of in the queue. */
  async work(): Promise<HostProcess> {
    const worker = this.start(this.pi, [process.execPath, ERRAND, 'worker', '--json', '--verbose']);
    await worker.says('stdout', /"type":"push-ended","purpose":"heartbeat","ok":true/);
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const started of this.#processes) await started[Symbol.asyncDispose]();
    this.#sshd?.kill('SIGKILL');
    await this.#endSharedConnections();
    for (const pid of findMarked(this.#folder.path)) if (pid !== this.laptop.pid && pid !== this.pi.pid) endProcess(pid);
    await this.laptop[Symbol.asyncDispose]();
    await this.pi[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }

  /** They stay open for a while, and their processes have overwritten by what they could be found. */
  async #endSharedConnections(): Promise<void> {
    const folder = join(this.laptop.home, '..', 'run', 'errand-ssh');
    for (const socket of await readdir(folder).catch(() => []))
      await this.laptop.run(['ssh', '-S', join(folder, socket), '-O', 'exit', 'pi.lan']);
  }

  /** An sshd on the Pi, and a key of the laptop's for it: each in the place where ssh itself looks for it. */
  async #letIn(): Promise<void> {
    const { laptop, pi } = this;
    await mkdir(join(laptop.home, '.ssh'), { mode: 0o700 });
    await mkdir(join(pi.home, '.ssh'), { mode: 0o700 });
    await mkdir('/run/sshd', { recursive: true });
    await laptop.must('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(laptop.home, '.ssh/id_ed25519'));
    await pi.must('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(pi.home, 'host-key'));
    await copyFile(join(laptop.home, '.ssh/id_ed25519.pub'), join(pi.home, '.ssh/authorized_keys'));
    const [type, key] = (await readFile(join(pi.home, 'host-key.pub'), 'utf8')).split(' ');
    await laptop.write('.ssh/known_hosts', `pi.lan ${type} ${key}\n`);
    const settings = [
      `ListenAddress ${pi.address}`,
      `HostKey ${join(pi.home, 'host-key')}`,
      'PidFile none',
      'AuthorizedKeysFile .ssh/authorized_keys',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'UsePAM no',
      'PermitRootLogin prohibit-password',
      'StrictModes no',
      'PrintMotd no',
      'AcceptEnv GIT_PROTOCOL',
      // Of the home: a shell that greets, and a git of its own; node may be in a place that no login shell knows.
      `SetEnv PATH=${dirname(process.execPath)}${delimiter}/usr/local/bin:/usr/bin:/bin GIT_CONFIG_NOSYSTEM=1`,
    ];
    await pi.write('sshd_config', `${settings.join('\n')}\n`);
    const [program, ...args] = pi.enter(['/usr/sbin/sshd', '-D', '-e', '-f', join(pi.home, 'sshd_config')]);
    this.#sshd = await new Promise<ChildProcess>((resolve, reject) => {
      const sshd = spawn(program, args, { env: pi.env, stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      sshd.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('Server listening on')) resolve(sshd);
      });
      sshd.once('exit', () => reject(new Error(`sshd did not start: ${said}`)));
    });
  }

  async #setUp(): Promise<void> {
    const { laptop, pi } = this;
    await pi.must('git', 'init', '--quiet', '--bare', '-b', 'main', 'queue.git');
    await laptop.write('.config/errand/config.yaml', `queue: root@pi.lan:queue.git\nmachine: laptop\n`);
    const lines = [
      `queue: ${join(pi.home, 'queue.git')}`,
      'machine: pi',
      'policy: { agents: [command], permissions: bypass, contain: tree }',
      'agents: { command: { argv: [sh, -s] } }',
      'default_agent: command',
    ];
    await pi.write('.config/errand/config.yaml', `${lines.join('\n')}\n`);
    await pi.write('.local/bin/errand', `#!/bin/sh\nexec ${process.execPath} ${ERRAND} "$@"\n`, 0o755);
    await this.must(laptop, 'init', 'root@pi.lan:queue.git');
    await laptop.must('git', 'clone', '--quiet', 'root@pi.lan:queue.git', 'checkout');
    await laptop.write('checkout/config/errand.yaml', 'machines:\n  pi: { address: pi.lan, user: root }\n');
    await laptop.must('git', '-C', 'checkout', 'commit', '--quiet', '-am', 'machines: where the Pi is');
    await laptop.must('git', '-C', 'checkout', 'push', '--quiet');
  }
}

function isThere(program: string): boolean {
  const places = program.startsWith('/') ? [program] : (process.env.PATH ?? '').split(delimiter).map((dir) => join(dir, program));
  return places.some((place) => {
    try {
      accessSync(place);
      return true;
    } catch {
      return false;
    }
  });
}
