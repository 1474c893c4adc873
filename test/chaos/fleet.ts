import { mkdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { faultyLink, hermeticEnv } from '@errand/testing';
import type { WorkerEvent } from '@errand/worker';
import type { Dice } from '../rig/dice.ts';
import { endProcess } from '../rig/processes.ts';
import { Beats } from './beats.ts';
import { Evidence, type Run } from './evidence.ts';
import { GitServers } from './git-servers.ts';
import { Later } from './later.ts';
import { Machine } from './machine.ts';
import { Orphans } from './orphans.ts';
import { type OurProcess, ProcessTable, type Role } from './process-table.ts';
import { ServerProcess } from './server-process.ts';

const HEARTBEAT_S = 3;
const TTL_S = 9;
const NAMES = ['ada', 'bob', 'cy', 'dee', 'eli', 'fay', 'gus', 'hal'] as const;
const TOPIC = 'errand';
const RECENT_MS = 100;
const END_LOOK_EVERY_MS = 50;
const END_LOOKS = 100;

/** Eight machines, four by ssh and four by HTTP, each by a link of its own; their servers; and what can be done to all of them. */
export class Fleet implements AsyncDisposable {
  readonly ttlMs = TTL_S * 1_000;
  readonly folder: string;
  readonly dice: Dice;
  readonly servers: GitServers;
  readonly ntfy: ServerProcess;
  readonly machines: Machine[] = [];
  readonly beats: Beats;
  readonly evidence: Evidence;
  readonly orphans = new Orphans();
  readonly later = new Later();
  /** Machines whose worker is stopped, and whose link swallows. */
  readonly stopped = new Set<string>();
  readonly cutOff = new Set<string>();
  onEvent: (machine: Machine, event: WorkerEvent) => void = () => {};
  onStart: (run: Run) => void = () => {};
  #seen: { atMs: number; list: OurProcess[] } = { atMs: Number.NEGATIVE_INFINITY, list: [] };
  readonly #table: ProcessTable;
  #isSshAway = false;
  #isHttpAway = false;
  #isNtfyAway = false;

  private constructor(folder: string, dice: Dice, servers: GitServers, ntfy: ServerProcess, beats: Beats) {
    this.folder = folder;
    this.dice = dice;
    this.servers = servers;
    this.ntfy = ntfy;
    this.beats = beats;
    this.#table = new ProcessTable([folder, ...servers.marks]);
    this.evidence = new Evidence(join(folder, 'runs'), (run) => {
      this.orphans.start(run);
      this.onStart(run);
    });
  }

  static async open(folder: string, dice: Dice): Promise<Fleet> {
    const servers = await GitServers.start();
    try {
      return await Fleet.#openAt(servers, folder, dice);
    } catch (error) {
      await servers[Symbol.asyncDispose]();
      throw error;
    }
  }

  static async #openAt(servers: GitServers, folder: string, dice: Dice): Promise<Fleet> {
    const beats = await Beats.keep(servers.repository, NAMES);
    const ntfy = new ServerProcess('ntfy-server.mjs', [join(folder, 'notifications')], hermeticEnv(join(folder, 'ntfy')));
    await ntfy.start();
    const fleet = new Fleet(folder, dice, servers, ntfy, beats);
    for (const [index, name] of NAMES.entries()) await fleet.#addMachine(name, index % 2 === 0 ? 'ssh' : 'http');
    return fleet;
  }

  processes(): OurProcess[] {
    return this.#table.list();
  }

  /** The same as of a moment ago, for who looks for a victim again and again. */
  #recentProcesses(): OurProcess[] {
    const now = performance.now();
    if (now - this.#seen.atMs > RECENT_MS) this.#seen = { atMs: now, list: this.processes() };
    return this.#seen.list;
  }

  pickProcess(role: Role): OurProcess | undefined {
    const folders = this.machines.map(({ options }) => options.folder);
    const isOfMachine = ({ env }: OurProcess): boolean => folders.some((folder) => env.get('HOME')?.startsWith(folder));
    // People are not struck.
    return this.dice.pick(this.#recentProcesses().filter((one) => one.role === role && (role !== 'git' || isOfMachine(one))));
  }

  pickMachine(fits: (machine: Machine) => boolean): Machine | undefined {
    return this.dice.pick(this.machines.filter(fits));
  }

  async restartSsh(): Promise<boolean> {
    if (this.#isSshAway) return false;
    this.#isSshAway = true;
    await this.servers.ssh.goAway();
    this.later.after(this.#pauseMs(), async () => {
      await this.servers.ssh.comeBack();
      this.#isSshAway = false;
    });
    return true;
  }

  async restartHttp(): Promise<boolean> {
    if (this.#isHttpAway) return false;
    this.#isHttpAway = true;
    await this.servers.http.kill();
    this.later.after(this.#pauseMs(), async () => {
      await this.servers.http.start();
      this.#isHttpAway = false;
    });
    return true;
  }

  async restartNtfy(): Promise<boolean> {
    if (this.#isNtfyAway) return false;
    this.#isNtfyAway = true;
    await this.ntfy.kill();
    this.later.after(this.#pauseMs(), async () => {
      await this.ntfy.start();
      this.#isNtfyAway = false;
    });
    return true;
  }

  /** Faults end: what is stopped, away or cut off is so no more. */
  async calmDown(): Promise<void> {
    await this.later.finish();
    await this.servers.repository.answerAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.later.close();
    for (const machine of this.machines) await machine.close();
    for (const { options } of this.machines) await options.link[Symbol.asyncDispose]();
    await this.ntfy[Symbol.asyncDispose]();
    // A run that went well has looked; one that broke off may leave some, and these may have just started others.
    for (let left = this.processes(), looks = 0; left.length > 0 && looks < END_LOOKS; left = this.processes(), looks++) {
      for (const { pid } of left) endProcess(pid);
      await pause(END_LOOK_EVERY_MS);
    }
    await this.servers[Symbol.asyncDispose]();
    this.evidence[Symbol.dispose]();
  }

  #pauseMs(): number {
    return 100 + this.dice.next() * 1_400;
  }

  async #addMachine(name: string, kind: 'ssh' | 'http'): Promise<void> {
    const link = await faultyLink(kind === 'ssh' ? this.servers.sshPort : this.servers.http.port);
    const folder = join(this.folder, name);
    const runtime = join(folder, 'run');
    mkdirSync(folder);
    await mkdir(runtime, { mode: 0o700 });
    const command = kind === 'ssh' ? { GIT_SSH_COMMAND: this.servers.ssh.env.GIT_SSH_COMMAND ?? 'ssh' } : {};
    const ntfy = { server: `http://127.0.0.1:${this.ntfy.port}`, topic: TOPIC, wake: 'wake' };
    const config = [
      'poll: { interval: 2s }',
      `lease: { heartbeat: ${HEARTBEAT_S}s, ttl: ${TTL_S}s }`,
      'grace: { shutdown: 5s, kill: 1s }',
      `ntfy: ${JSON.stringify(ntfy)}`,
    ];
    this.machines.push(
      new Machine({
        name,
        kind,
        remote: this.servers.url(kind, link.port),
        link,
        folder,
        env: { ...hermeticEnv(folder), XDG_RUNTIME_DIR: runtime, ...command },
        agentEnv: { NOTES: this.evidence.path },
        config: config.join('\n'),
        hear: (machine, event) => {
          this.orphans.hear(machine.name, event);
          this.onEvent(machine, event);
        },
      }),
    );
  }
}
