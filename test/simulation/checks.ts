import { parseRecord, parseResult, type Result, type Record as TaskRecord } from '@errand/task';
import { KnownAttempts } from './known-attempts.ts';
import type { Machine } from './machine.ts';
import type { People, ResultFile } from './people.ts';
import type { World } from './world.ts';

const TASKS = 'refs/errand/tasks/';
const WORKERS = 'refs/errand/workers/';
const MAIN = 'refs/heads/main';

/** What must hold after every event. The first that does not ends the run. */
export class Checks {
  readonly #world: World;
  readonly #people: People;
  readonly #machines: readonly Machine[];
  #version = -1;
  #results = new Map<string, ResultFile>();
  readonly #attempts = new KnownAttempts();
  #parsed = new Map<string, TaskRecord | null>();
  readonly #beats = new Map<string, string>();

  constructor(world: World, people: People, machines: readonly Machine[]) {
    this.#world = world;
    this.#people = people;
    this.#machines = machines;
    people.onReset = (id) => this.#attempts.forget(id, this.#recordOf(id)?.attempts);
  }

  /** Why the world is not as it must be, or null. */
  afterEvent(): string | null {
    const problem = this.#world.problem;
    if (problem !== null) return problem;
    if (this.#version === this.#world.version) return null;
    this.#version = this.#world.version;
    return this.#afterPush();
  }

  #afterPush(): string | null {
    const files = this.#people.resultFiles();
    const results = new Map(files.map((file) => [file.id, file]));
    const second = files.find((file) => results.get(file.id) !== file);
    if (second !== undefined) return `${second.id} has two results, ${second.path} and ${results.get(second.id)?.path}`;
    const tasks = this.#people.tasks();
    const byPeople = this.#world.wasByPeople;
    for (const [id, { blob }] of this.#results) {
      const now = results.get(id);
      if (now?.blob !== blob && !byPeople) return now ? `the result of ${id} was replaced` : `the result of ${id} was taken away`;
    }
    for (const [id, { path, blob }] of results) {
      if (this.#results.get(id)?.blob === blob) continue;
      const parsed = parseResult(path, this.#people.text(blob));
      if (!parsed.ok) return `the result of ${id} cannot be read`;
      if (parsed.value.state === 'done') this.#world.starts.noteDone(id);
      if (byPeople) {
        this.#attempts.forget(id);
        this.#world.noteFinishedByHand(id);
        continue;
      }
      const wrong = this.#judgeResult(parsed.value, tasks.has(id));
      if (wrong !== null) return wrong;
      const vanished = this.#attempts.look(id, parsed.value.attempts);
      if (vanished !== null) return `${vanished} in its result`;
      this.#attempts.forget(id);
    }
    this.#people.see(tasks.keys());
    for (const { id, removed, pending } of this.#people.wishes.values()) {
      if (removed === null && !pending && !tasks.has(id) && !results.has(id)) return `${id} is neither open nor finished`;
    }
    this.#results = results;
    this.#world.starts.noteBranch(this.#world.scheduler.nowMs, tasks, results);
    return this.#afterRecords(tasks);
  }

  /** What a worker has recorded just now. */
  #judgeResult({ id, state, answer, nonce, attempts, task, taskText }: Result, isThere: boolean): string | null {
    if (this.#people.text(task) !== taskText) return `the result of ${id} tells another task than it names`;
    if (state === 'cancelled') return isThere ? `${id} was recorded as cancelled while its file is there` : null;
    const untrue = attempts.find((attempt) => !this.#world.isTrue(id, attempt));
    if (untrue !== undefined)
      return `the result of ${id} says that attempt ${untrue.attempt} on ${untrue.worker} was ${untrue.outcome}`;
    const last = attempts.at(-1);
    if ((state === 'done') !== (last?.outcome === 'done'))
      return `${id} is recorded as ${state}, and its last attempt as ${last?.outcome}`;
    if (state !== 'done') return null;
    if (answer !== `${nonce} done` && !answer.startsWith('The git server refused'))
      return `the answer of ${id} is not that of its attempt`;
    const ran = this.#world.starts.startedBy(nonce);
    return ran === last?.worker ? null : `${id} was done by ${last?.worker}, as its result says, but was started by ${ran}`;
  }

  /** The results that are there, by their state. */
  countResults(): Map<Result['state'], number> {
    const counts = new Map<Result['state'], number>();
    for (const { path, blob } of this.#results.values()) {
      const parsed = parseResult(path, this.#people.text(blob));
      if (parsed.ok) counts.set(parsed.value.state, (counts.get(parsed.value.state) ?? 0) + 1);
    }
    return counts;
  }

  #afterRecords(tasks: ReadonlyMap<string, string>): string | null {
    const holders = new Map<string, string[]>();
    const parsedNow = new Map<string, TaskRecord | null>();
    const { starts, scheduler, remote } = this.#world;
    for (const [ref, oid] of remote.refs) {
      if (ref.startsWith(WORKERS) && this.#beats.get(ref) !== oid) {
        this.#beats.set(ref, oid);
        starts.noteHeartbeat(this.#world.body(oid));
      }
      if (!ref.startsWith(TASKS)) continue;
      const record = this.#parsed.has(oid) ? (this.#parsed.get(oid) ?? null) : this.#parse(oid);
      parsedNow.set(oid, record);
      if (record === null) return `${ref} cannot be read`;
      starts.noteRecord(scheduler.nowMs, record);
      // A parked one has them in its result, and what belongs to a finished task has nothing to tell any more.
      if (record.state !== 'parked' && !this.#results.has(record.id)) {
        const vanished = this.#attempts.look(record.id, record.attempts);
        if (vanished !== null) return `${vanished} in its record`;
      }
      if (!tasks.has(record.id)) this.#attempts.forget(record.id);
      if (record.state === 'waiting' || !record.key) continue;
      // Where a server died between freeing the key of a claim and its record, that claim is nobody's any more.
      if (this.#results.has(record.id) || this.#world.hasLetGo(record.nonce)) continue;
      holders.set(record.key.name, [...(holders.get(record.key.name) ?? []), record.id]);
    }
    this.#parsed = parsedNow;
    for (const [key, ids] of holders) if (ids.length > 1) return `the key ${key} is held for ${ids.join(' and ')}`;
    return null;
  }

  #recordOf(id: string): TaskRecord | null {
    const oid = this.#world.remote.refs.get(`${TASKS}${id}`);
    return oid === undefined ? null : this.#parse(oid);
  }

  #parse(oid: string): TaskRecord | null {
    const record = parseRecord(this.#world.body(oid));
    return record.ok ? record.value : null;
  }

  /** What must hold when everything has ended. */
  atTheEnd(): string | null {
    const results = this.#people.results();
    for (const { id, removed } of this.#people.wishes.values()) {
      if (removed === null && !results.has(id)) return `${id} has no result`;
    }
    return this.whenStopped();
  }

  /** What must hold when every worker has stopped, too, whatever was filed since. */
  whenStopped(): string | null {
    const left = [...this.#world.remote.refs.keys()].filter((ref) => ref !== MAIN && !ref.startsWith('refs/errand/workers/'));
    if (left.length > 0) return `left over: ${left.join(', ')}`;
    const running = this.#machines.flatMap(({ programs }) => [...programs.values()]);
    return running.length > 0 ? `still running: ${running.map(({ id }) => id).join(', ')}` : null;
  }
}
