import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type CommandResult, mustRun, runCommand, type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { until } from '../../rig/processes.ts';

const BOOT = fileURLToPath(new URL('./boot-systemd', import.meta.url));
export const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The user of a booted machine; made there, and gone with it. */
export const USER = 'me';

/** A machine of its own with a real systemd as process 1, and an ordinary user. Killed whole at the end of its scope. */
export class BootedMachine implements AsyncDisposable {
  readonly #folder: TemporaryDirectory;
  readonly #booting: ChildProcess;
  readonly #init: number;
  readonly #console: { text: string };
  uid = 0;

  private constructor(folder: TemporaryDirectory, booting: ChildProcess, init: number, console: { text: string }) {
    this.#folder = folder;
    this.#booting = booting;
    this.#init = init;
    this.#console = console;
  }

  static async boot(): Promise<BootedMachine> {
    const folder = temporaryDirectory();
    // In a group of its own: when this one is killed, it reads the end of its standard input, and takes its control groups away.
    const booting = spawn(BOOT, [folder.path, CHECKOUT], { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH }, detached: true });
    const console = { text: '' };
    booting.stderr.setEncoding('utf8').on('data', (text: string) => (console.text += text));
    const [line] = await Promise.race([
      once(createInterface(booting.stdout), 'line') as Promise<[string]>,
      once(booting, 'exit').then(() => Promise.reject(new Error(`nothing was booted: ${console.text}`))),
    ]);
    const namespace = Number(line);
    await until(() => childOf(namespace) !== null);
    const machine = new BootedMachine(folder, booting, childOf(namespace) as number, console);
    await until(async () => /running|degraded/.test((await machine.run('systemctl', 'is-system-running')).stdout));
    await machine.must('useradd', '--create-home', '--shell', '/bin/sh', USER);
    machine.uid = Number(await machine.must('id', '-u', USER));
    return machine;
  }

  /** A path of the machine as this one sees it. */
  path(path: string): string {
    return `/proc/${this.#init}/root${path}`;
  }

  /** Runs a program on the machine, as root. */
  run(file: string, ...args: string[]): Promise<CommandResult> {
    const enter = ['--target', String(this.#init), '--all', '--root', '--wd', '--'];
    return runCommand('nsenter', [...enter, file, ...args], { env: { PATH, LC_ALL: 'C.UTF-8' } });
  }

  /** Runs a program as the user, who came by `su`: without a session. */
  runAsUser(file: string, ...args: string[]): Promise<CommandResult> {
    const env = [
      `HOME=/home/${USER}`,
      `USER=${USER}`,
      `PATH=/home/${USER}/.local/bin:${PATH}`,
      'LC_ALL=C.UTF-8',
      'GIT_CONFIG_NOSYSTEM=1',
    ];
    return this.run('runuser', '-u', USER, '--', 'env', '-i', '-C', `/home/${USER}`, ...env, file, ...args);
  }

  async must(file: string, ...args: string[]): Promise<string> {
    return expectSuccess(await this.run(file, ...args), [file, ...args]);
  }

  async mustAsUser(file: string, ...args: string[]): Promise<string> {
    return expectSuccess(await this.runAsUser(file, ...args), [file, ...args]);
  }

  /** systemctl of the user's manager. */
  systemctl(...args: string[]): Promise<CommandResult> {
    return this.runAsUser('env', `XDG_RUNTIME_DIR=/run/user/${this.uid}`, 'systemctl', '--user', ...args);
  }

  /** A property of the service. */
  async show(property: string): Promise<string> {
    const shown = await this.systemctl('show', 'errand.service', '--value', `--property=${property}`);
    return shown.stdout.trim();
  }

  /** A file of the user's, with these lines. */
  async write(path: string, text: string): Promise<void> {
    const script = 'mkdir -p "$(dirname "$1")" && printf %s "$2" > "$1"';
    await this.mustAsUser('sh', '-c', script, 'sh', path, text);
  }

  get console(): string {
    return this.#console.text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#booting, 'exit');
    this.#booting.stdin?.end();
    await ended;
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Copies the working tree into the user's home, and gives it the libraries that are installed here. */
export async function cloneCheckout(machine: BootedMachine, to: string): Promise<void> {
  await copyCheckout(machine, to, USER);
  await machine.mustAsUser('mkdir', `${to}/node_modules`);
  await machine.must('mount', '--bind', '/srv/node_modules', `${to}/node_modules`);
  // As after npm ci: what is installed is not older than what asks for it.
  await machine.must('touch', '-d', '2026-01-01', `${to}/package-lock.json`);
}

/** Copies the working tree, without what git ignores. */
export async function copyCheckout(machine: BootedMachine, to: string, user: string): Promise<void> {
  await machine.must('mkdir', '-p', to);
  const copy =
    'git -C "$1" -c safe.directory="*" ls-files -coz --exclude-standard --deduplicate | tar -C "$1" --null -T - --ignore-failed-read -cf - 2>/dev/null | tar -C "$2" -xf -';
  await mustRun('sh', ['-c', copy, 'sh', CHECKOUT, machine.path(to)], { env: { PATH, HOME: '/nonexistent' } });
  await machine.must('chown', '-R', `${user}:`, to);
}

function childOf(pid: number): number | null {
  try {
    const child = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return child === '' ? null : Number(child);
  } catch {
    return null;
  }
}

function expectSuccess(result: CommandResult, command: readonly string[]): string {
  if (result.exitCode === 0) return result.stdout;
  throw new Error(`${command.join(' ')} ended with ${result.exitCode}: ${result.stderr}${result.stdout}`);
}
