import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandResult, hermeticEnv, mustRun, runCommand } from '@errand/testing';

// The host lives as long as somebody holds the standard input of its first process.
const LIVE = `
mount --bind "$PLACE/passwd" /etc/passwd && mount --bind "$PLACE/shadow" /etc/shadow && mount --bind "$PLACE/hosts" /etc/hosts &&
ip link set lo up && echo up && exec cat`;

/** A host of its own: a network, a home, accounts and names that no other has. The files of the disk are everybody's. */
export class Host implements AsyncDisposable {
  readonly name: string;
  readonly address: string;
  readonly home: string;
  readonly env: Record<string, string>;
  readonly #holder: ChildProcess;

  private constructor(name: string, address: string, env: Record<string, string>, holder: ChildProcess) {
    this.name = name;
    this.address = address;
    this.home = env.HOME ?? '';
    this.env = env;
    this.#holder = holder;
  }

  /** `names`: the other hosts that it knows, as lines of `/etc/hosts`. */
  static async start(folder: string, name: string, address: string, names: string): Promise<Host> {
    const place = join(folder, name);
    const runtime = join(place, 'run');
    const env: Record<string, string> = { ...hermeticEnv(place), XDG_RUNTIME_DIR: runtime, TMPDIR: runtime };
    await mkdir(runtime, { mode: 0o700 });
    // Ssh looks for its files, and sshd starts its shells, where the accounts say.
    await writeFile(join(place, 'passwd'), `root:x:0:0:root:${env.HOME}:/bin/sh\nsshd:x:100:65534::/run/sshd:/bin/false\n`);
    await writeFile(join(place, 'shadow'), 'root:*:20000:0:99999:7:::\n');
    await writeFile(join(place, 'hosts'), `127.0.0.1 localhost\n${names}`);
    const holder = spawn('unshare', ['--net', '--mount', 'sh', '-c', LIVE], {
      env: { ...env, PLACE: place },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let said = '';
    holder.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const gone = once(holder, 'exit').then(() => 'gone');
    if ((await Promise.race([once(holder.stdout, 'data'), gone])) === 'gone') throw new Error(`no host ${name}: ${said}`);
    return new Host(name, address, env, holder);
  }

  get pid(): number {
    return this.#holder.pid ?? 0;
  }

  /** The command line that runs a program on this host; it becomes that program, so that signals reach it. */
  enter(command: readonly string[]): [string, ...string[]] {
    return ['nsenter', '--target', String(this.pid), '--net', '--mount', '--', 'env', `--chdir=${this.home}`, ...command];
  }

  run(command: readonly string[], input: string | Uint8Array = ''): Promise<CommandResult> {
    const [program, ...args] = this.enter(command);
    return runCommand(program, args, { cwd: this.home, env: this.env, input });
  }

  async must(...command: string[]): Promise<string> {
    const [program, ...args] = this.enter(command);
    return mustRun(program, args, { cwd: this.home, env: this.env });
  }

  async write(path: string, text: string, mode = 0o644): Promise<void> {
    await mkdir(join(this.home, path, '..'), { recursive: true });
    await writeFile(join(this.home, path), text, { mode });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#holder.stdin?.end();
    if (this.#holder.exitCode === null && this.#holder.signalCode === null) await once(this.#holder, 'exit');
  }
}

/** Lays a cable between two hosts. */
export async function layCable(one: Host, other: Host): Promise<Cable> {
  const env = { PATH: process.env.PATH ?? '' };
  const ends = ['name', 'eth0', 'netns', String(one.pid), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(other.pid)];
  await mustRun('ip', ['link', 'add', ...ends], { env });
  for (const host of [one, other]) {
    await host.must('ip', 'addr', 'add', `${host.address}/24`, 'dev', 'eth0');
    await host.must('ip', 'link', 'set', 'eth0', 'up');
  }
  const set = async (state: 'up' | 'down'): Promise<void> => {
    await other.must('ip', 'link', 'set', 'eth0', state);
  };
  return { cut: () => set('down'), heal: () => set('up') };
}

/** What is sent while it is cut is lost without a word. */
interface Cable {
  cut(): Promise<void>;
  heal(): Promise<void>;
}
