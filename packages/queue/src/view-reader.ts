import { emptyQueueConfig, parseQueueConfig, type QueueConfig } from '@errand/config';
import type { Held, ResultFile, TaskFile, View } from '@errand/planner';
import {
  type Heartbeat,
  isTaskId,
  type KeyHold,
  MAX_BODY_BYTES,
  type Parsed,
  type Problem,
  parseHeartbeat,
  parseKeyHold,
  parseRecord,
  parseTask,
  type Record,
  type Task,
  taskIdOfPath,
} from '@errand/task';
import { branchRef, keyHash, keyRef, parseRef, taskRef, workerRef } from './names.ts';
import { DamagedCloneError, parseCommit, readCommit, readName, readTree } from './objects.ts';
import type { GitPort, RefEntry, TreeEntry } from './port.ts';

type Body =
  | { kind: 'tasks'; value: Record }
  | { kind: 'workers'; value: Heartbeat }
  | { kind: 'keys'; value: KeyHold }
  | { reason: string; newer?: true };

/**
 * Reads what the last fetch brought as plain data. Everything is cached by oid, so that a view after a quiet poll
 * costs one `for-each-ref` and nothing else. One reader belongs to one clone.
 */
export class ViewReader {
  readonly #port: GitPort;
  readonly #branch: string;
  #seq = 0;
  #bodies = new Map<string, Body>();
  #trees = new Map<string, TreeEntry[]>();
  #tasks = new Map<string, Parsed<Task>>();
  #config: { blob: string | null; value: QueueConfig; problems: readonly Problem[] } = {
    blob: null,
    value: emptyQueueConfig(),
    problems: [],
  };
  #lacksConfig = false;
  #results: { tree: string; files: Map<string, ResultFile> } | null = null;

  constructor(port: GitPort, branch: string) {
    this.#port = port;
    this.#branch = branch;
  }

  /** The queue's file as last read; where it is invalid, or its content did not come, the last good one goes on. */
  get config(): QueueConfig {
    return this.#config.value;
  }

  /** What is wrong with the queue's file as it stands on the branch. */
  get configProblems(): readonly Problem[] {
    return this.#config.problems;
  }

  /** True where the last view is of a queue with a file whose content did not come, and none was read before: its tasks are read without it. */
  get lacksConfig(): boolean {
    return this.#lacksConfig;
  }

  /** `at` and `readAt` are the elapsed times when the fetch began and ended. Throws `DamagedCloneError` when the clone lacks what it must have. */
  async read(at: number, readAt = at): Promise<View> {
    const refs = await this.#port.refs();
    const tip = refs.find((ref) => ref.name === branchRef(this.#branch))?.oid ?? null;
    const coordination = await this.#readCoordination(refs);
    this.#lacksConfig = false;
    const branch = tip === null ? { tasks: new Map(), results: new Map(), config: null } : await this.#readBranch(tip);
    return { seq: ++this.#seq, at, readAt, tip, ...branch, ...coordination };
  }

  async #readCoordination(refs: readonly RefEntry[]): Promise<Pick<View, 'records' | 'workers' | 'keys' | 'unreadable'>> {
    const records = new Map<string, Held<Record>>();
    const workers = new Map<string, Held<Heartbeat>>();
    const keys = new Map<string, Held<KeyHold>>();
    const unreadable = new Map<string, { oid: string; reason: string; newer?: true }>();
    const bodies = new Map<string, Body>();
    const known = refs.flatMap(({ name, oid, size }) => {
      const about = parseRef(name);
      return about ? [{ name, oid, about, body: this.#bodies.get(oid) ?? this.#readBody(about.kind, oid, size) }] : [];
    });
    await Promise.all(known.map(({ body }) => body));
    for (const { name, oid, about, body: reading } of known) {
      const body = await reading;
      bodies.set(oid, body);
      if ('reason' in body) unreadable.set(name, { oid, ...body });
      else if (nameOf(body) !== name) unreadable.set(name, { oid, reason: `its body is about ${nameOf(body)}` });
      else if (body.kind === 'tasks') records.set(about.name, { oid, value: body.value });
      else if (body.kind === 'workers') workers.set(about.name, { oid, value: body.value });
      else keys.set(about.name, { oid, value: body.value });
    }
    this.#bodies = bodies;
    return { records, workers, keys, unreadable };
  }

  async #readBody(kind: 'tasks' | 'workers' | 'keys', oid: string, size: number): Promise<Body> {
    if (size > MAX_BODY_BYTES) return { reason: `its body has ${size} bytes` };
    const object = await this.#port.read(oid);
    if (!object) throw new DamagedCloneError(oid);
    if (object.type !== 'commit') return { reason: `it points to a ${object.type}` };
    const { message } = parseCommit(object.content);
    switch (kind) {
      case 'tasks': {
        const record = parseRecord(message);
        return record.ok
          ? { kind, value: record.value }
          : { reason: record.reason, ...(record.newer && { newer: true as const }) };
      }
      case 'workers': {
        const heartbeat = parseHeartbeat(message);
        return heartbeat.ok
          ? { kind, value: heartbeat.value }
          : { reason: heartbeat.reason, ...(heartbeat.newer && { newer: true as const }) };
      }
      case 'keys': {
        const hold = parseKeyHold(message);
        return hold.ok ? { kind, value: hold.value } : { reason: hold.reason, ...(hold.newer && { newer: true as const }) };
      }
    }
  }

  async #readBranch(tip: string): Promise<Pick<View, 'tasks' | 'results' | 'config'>> {
    const trees = new Map<string, TreeEntry[]>();
    const tree = async (oid: string): Promise<TreeEntry[]> => {
      const entries = trees.get(oid) ?? this.#trees.get(oid) ?? (await readTree(this.#port, oid));
      trees.set(oid, entries);
      return entries;
    };
    const root = await tree((await readCommit(this.#port, tip)).tree);
    const folder = (name: string) => root.find((entry) => entry.name === name && entry.mode === '40000')?.oid;

    const resultsTree = folder('results');
    if (resultsTree === undefined) this.#results = null;
    else if (this.#results?.tree !== resultsTree)
      this.#results = { tree: resultsTree, files: await readResults(resultsTree, tree) };
    else for (const day of await tree(resultsTree)) if (day.mode === '40000') await tree(day.oid);
    const results = this.#results?.files ?? new Map<string, ResultFile>();

    const configTree = folder('config');
    const configBlob =
      configTree === undefined ? undefined : (await tree(configTree)).find((entry) => entry.name === 'errand.yaml')?.oid;
    if (configBlob === undefined) this.#config = { blob: null, value: emptyQueueConfig(), problems: [] };
    const config = configBlob === undefined ? null : await this.#readConfig(configBlob);
    this.#lacksConfig = configBlob !== undefined && this.#config.blob === null;

    const tasksTree = folder('tasks');
    const tasks = await this.#readTasks(tasksTree === undefined ? [] : await tree(tasksTree), results);
    this.#trees = trees;
    return { tasks, results, config };
  }

  async #readTasks(entries: TreeEntry[], results: ReadonlyMap<string, ResultFile>): Promise<Map<string, TaskFile>> {
    const files = new Map<string, TaskFile>();
    const parsed = new Map<string, Parsed<Task>>();
    const unread: { file: TaskFile; cacheKey: string }[] = [];
    const defaults = this.#config.value.defaults;
    const rules = JSON.stringify(defaults);
    for (const entry of entries) {
      const { mode, oid } = entry;
      const path = `tasks/${readName(entry)}`;
      const id = mode === '40000' ? null : taskIdOfPath(path);
      if (id === null) continue;
      const file: TaskFile = { id, path, blob: oid, parsed: null };
      files.set(id, file);
      if (results.has(id)) continue;
      if (mode !== '100644' && mode !== '100755') {
        file.parsed = notAFile(path);
        continue;
      }
      const cacheKey = `${path} ${oid} ${rules}`;
      const known = this.#tasks.get(cacheKey);
      if (known) {
        file.parsed = known;
        parsed.set(cacheKey, known);
      } else unread.push({ file, cacheKey });
    }
    const { contents, isWhole } = await this.#readBlobs(unread.map(({ file }) => file.blob));
    for (const { file, cacheKey } of unread) {
      const content = contents.get(file.blob);
      if (content) {
        file.parsed = parseTask(file.path, content, defaults);
        parsed.set(cacheKey, file.parsed);
      } else if (isWhole) file.parsed = blobMissing(file.path);
    }
    this.#tasks = parsed;
    return files;
  }

  async #readConfig(blob: string): Promise<View['config']> {
    const content = (await this.#readBlobs([blob])).contents.get(blob);
    if (!content) return null;
    const text = content.toString('utf8');
    if (this.#config.blob !== blob) {
      const parsed = parseQueueConfig('config/errand.yaml', text);
      this.#config = { blob, value: parsed.ok ? parsed.value : this.#config.value, problems: parsed.ok ? [] : parsed.problems };
    }
    return { blob, text };
  }

  /**
   * All asked at once; missing blobs are brought in one request, never one by one. `isWhole`: what is still missing is missing on the
   * remote, too; else the request broke off, and the next view asks again.
   */
  async #readBlobs(oids: readonly string[]): Promise<{ contents: Map<string, Buffer>; isWhole: boolean }> {
    const contents = new Map<string, Buffer>();
    const missing: string[] = [];
    const take = (oids: readonly string[], absent: (oid: string) => void) =>
      Promise.all(
        oids.map(async (oid) => {
          const object = await this.#port.read(oid);
          if (object?.type === 'blob') contents.set(oid, object.content);
          else if (!object) absent(oid);
        }),
      );
    await take(oids, (gone) => missing.push(gone));
    if (missing.length === 0) return { contents, isWhole: true };
    const fetched = await this.#port.fetchBlobs(missing);
    await take(missing, () => {});
    return { contents, isWhole: fetched.ok };
  }
}

/** The ref that a body is for: what a person copied to another name must not be taken for that one's. */
function nameOf(body: Exclude<Body, { reason: string }>): string {
  switch (body.kind) {
    case 'tasks':
      return taskRef(body.value.id);
    case 'workers':
      return workerRef(body.value.machine);
    case 'keys':
      return keyRef(keyHash(body.value.key));
  }
}

/** By id; the latest day counts where a person left two files of one id. */
async function readResults(oid: string, tree: (oid: string) => Promise<TreeEntry[]>): Promise<Map<string, ResultFile>> {
  const files = new Map<string, ResultFile>();
  const days = (await tree(oid)).filter(({ mode }) => mode === '40000');
  const listings = await Promise.all(days.map((day) => tree(day.oid)));
  for (const [index, day] of days.entries()) {
    for (const { name, oid: blob } of listings[index] ?? []) {
      const id = name.slice(0, -'.md'.length);
      if (name.endsWith('.md') && isTaskId(id)) files.set(id, { id, path: `results/${day.name}/${name}`, blob });
    }
  }
  return files;
}

function notAFile(path: string): Parsed<Task> {
  const message = 'a task must be a plain file; this is a symbolic link or a submodule';
  return {
    ok: false,
    problems: [{ path, line: 1, column: 1, code: 'not-a-file', message, hint: 'Replace it with the file itself.' }],
  };
}

function blobMissing(path: string): Parsed<Task> {
  const message = 'the remote did not send the content of this file';
  return {
    ok: false,
    problems: [{ path, line: 1, column: 1, code: 'content-missing', message, hint: 'Commit the file again.' }],
  };
}
