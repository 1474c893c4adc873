import type { MachineConfig } from '@errand/config';
import { type Clock, observe, type View, workerState } from '@errand/planner';
import { commitOnTip, type GitPort, openQueue, type PathChange, type Queue, ViewReader } from '@errand/queue';
import { parseResult } from '@errand/task';
import { MemoryPort, MemoryRemote, type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import type { WorkerContext } from '../context.ts';
import { createContext, remember } from '../create-context.ts';
import type { Duty } from '../duties/duty.ts';
import type { WorkerEvent } from '../events.ts';
import { type Notifier, silentNotifier } from '../notifier.ts';
import { Sessions } from '../sessions.ts';
import type { Wakeups } from '../wakeups.ts';
import { machineConfig } from './machine-config.ts';
import { StubRunner } from './stub-runner.ts';

const REFS_PER_PUSH = 20;
const MAIN = 'refs/heads/main';
/** 2026-11-20 09:00 UTC. */
const NINE = Date.UTC(2026, 10, 20, 9);

/** Both clocks of every machine of a test; they move only when told to. */
export class FakeClock implements Clock {
  #elapsedMs = 1_000;

  wallMs(): number {
    return NINE + this.#elapsedMs;
  }

  elapsedMs(): number {
    return this.#elapsedMs;
  }

  advance(ms: number): void {
    this.#elapsedMs += ms;
  }
}

export interface MachineOptions {
  config?: Partial<MachineConfig>;
  /** The clone to use, wrapped as a test needs it. */
  port?: GitPort;
  /** The whole queue, over git and a state directory of its own. */
  queue?: Queue;
  clock?: Clock;
  wakeups?: Wakeups;
  runner?: StubRunner;
  notifier?: Notifier;
  random?: () => number;
}

/** Machines of one queue whose remote is in memory, and a person who commits to its branch. */
export class Fleet implements AsyncDisposable {
  readonly remote = new MemoryRemote();
  readonly clock = new FakeClock();
  readonly #folder: TemporaryDirectory = temporaryDirectory();
  readonly #now: () => number;
  readonly #person: MemoryPort;
  #nonces = 0;

  /** `now` dates the commits that are made by hand. */
  constructor(now: () => number = () => NINE) {
    this.#now = now;
    this.#person = this.clone();
  }

  clone(): MemoryPort {
    return new MemoryPort({ remote: this.remote, branch: 'main', now: this.#now });
  }

  get tip(): string | null {
    return this.remote.refs.get(MAIN) ?? null;
  }

  /** A new boot of this machine; its state directory is that of earlier boots under this name, whatever its configuration calls it. */
  async boot(name: string, options: MachineOptions = {}): Promise<Machine> {
    const clock = options.clock ?? this.clock;
    const boot = `boot-${this.newNonce()}`;
    const stateDir = `${this.#folder.path}/${name}`;
    const queue =
      options.queue ?? openQueue({ remote: 'memory:', branch: 'main', stateDir, clock, port: options.port ?? this.clone() });
    const machine = { ...machineConfig(name), ...options.config };
    const presence = () => ({
      machine: machine.machine,
      boot,
      version: '0.1.0',
      slots: machine.slots,
      capabilities: [],
      agents: { command: {} },
    });
    const events: WorkerEvent[] = [];
    const runner = options.runner ?? new StubRunner();
    const context = createContext({
      remembered: await remember(queue, boot),
      machine,
      version: '0.1.0',
      clock,
      random: options.random ?? (() => 0.5),
      newNonce: () => this.newNonce(),
      ...(options.wakeups && { wakeups: options.wakeups }),
      starter: runner,
      sessions: new Sessions(`${queue.dir}/sessions`),
      notifier: options.notifier ?? silentNotifier,
      emit: (event) => void events.push(event),
      refsPerPush: REFS_PER_PUSH,
      agents: ['command'],
      defaultAgent: machine.defaultAgent,
      presence,
    });
    runner.belongTo(context);
    return new Machine(context, events, runner);
  }

  newNonce(): string {
    this.#nonces += 1;
    return `01KAB3Z0T9M6Y4V1Q8E7R${String(this.#nonces).padStart(5, '0')}`;
  }

  /** Commits these files on the tip, or takes them away (null), as a person would; gives the commit. */
  async commit(files: { [path: string]: string | null }): Promise<string> {
    await this.#person.fetch();
    const changes: PathChange[] = [];
    for (const [path, text] of Object.entries(files)) {
      changes.push({ path, blob: text === null ? null : await this.#person.writeBlob(text) });
    }
    const { tip } = this;
    const to = await commitOnTip(this.#person, tip, changes, 'by hand\n');
    const pushed = await this.#person.push([{ ref: MAIN, to, expect: tip }]);
    if (!pushed.ok) throw new Error('the commit was not accepted');
    return to;
  }

  /** Tasks for any machine, for the `command` agent. */
  async addTasks(...ids: string[]): Promise<void> {
    await this.commit(Object.fromEntries(ids.map((id) => [`tasks/${id}.md`, taskText(id)])));
  }

  /** What a bystander sees. */
  async view(): Promise<View> {
    const port = this.clone();
    await port.fetch();
    return new ViewReader(port, 'main').read(0);
  }

  /** The text of every file of a commit (the tip, unless told otherwise), by path. */
  files(commit = this.tip): Map<string, string> {
    const files = new Map<string, string>();
    const walk = (tree: string, prefix: string): void => {
      for (const { mode, name, oid } of this.remote.objects.tree(tree)) {
        if (mode === '40000') walk(oid, `${prefix}${name}/`);
        else files.set(`${prefix}${name}`, this.remote.objects.get(oid)?.content.toString('utf8') ?? '');
      }
    };
    if (commit !== null) walk(this.remote.objects.commit(commit)?.tree ?? '', '');
    return files;
  }

  /** The paths of the results on the branch. */
  results(): string[] {
    return [...this.files().keys()].filter((path) => path.startsWith('results/') && path.endsWith('.md'));
  }

  /** The answer in the result of this task, which was recorded on the day of the clocks; null where there is none. */
  answerOf(id: string): string | null {
    const parsed = parseResult('x', this.files().get(`results/2026-11-20/${id}.md`) ?? '');
    return parsed.ok ? parsed.value.answer : null;
  }

  /** The coordination refs on the remote, without their prefix. */
  refs(): string[] {
    return [...this.remote.refs.keys()]
      .filter((ref) => ref !== MAIN)
      .map((ref) => ref.slice('refs/errand/'.length))
      .sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

export const taskText = (id: string, head = ''): string => `---\nagent: command\n${head}---\nDo ${id}.\n`;

/** One boot of one worker, whose rounds a test makes by hand. */
export class Machine {
  readonly context: WorkerContext;
  readonly events: WorkerEvent[];
  readonly runner: StubRunner;

  constructor(context: WorkerContext, events: WorkerEvent[], runner: StubRunner) {
    this.context = context;
    this.events = events;
    this.runner = runner;
  }

  /** Fetches a view and takes it in as the worker's loop does. */
  async look(): Promise<View> {
    const { context } = this;
    const read = await context.queue.readView();
    if (!read.ok) throw new Error(read.cause.message);
    const { view } = read;
    context.observations = observe(context.observations, view);
    context.heartbeat.settle(view, workerState(context.observations, view, context.machine.machine) === 'stale');
    const past = await context.ledger.observe(context.queue.port, view);
    context.movedBack = past.held;
    context.toRestore = past.toRestore;
    return view;
  }

  /** One look, and these duties held against it. */
  async round(...duties: Duty[]): Promise<View> {
    const view = await this.look();
    for (const duty of duties) await duty.tend(view);
    await this.context.pusher.flush();
    return view;
  }

  /** Pushes a heartbeat that lists what is held, as the claimer does, and insists that it was accepted. */
  async beat(): Promise<void> {
    const { heartbeat, pusher, held } = this.context;
    const runs = held.all().map(({ id, nonce, attempt }) => ({ id, nonce, attempt, phase: 'running' as const }));
    const beat = await heartbeat.beat(runs);
    if (!beat) throw new Error('a twin holds the name');
    heartbeat.pushed(beat, await pusher.push('heartbeat', [beat]), runs);
    if (!heartbeat.accepted) throw new Error('the heartbeat was not accepted');
  }

  /** Events of one type, in order. */
  told<T extends WorkerEvent['type']>(type: T): Extract<WorkerEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<WorkerEvent, { type: T }> => event.type === type);
  }
}

/** The value under this key, which must be there. */
export function need<V>(map: ReadonlyMap<string, V>, key: string): V {
  const value = map.get(key);
  if (value === undefined) throw new Error(`${key} is not in ${[...map.keys()].join(', ')}`);
  return value;
}
