import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { GitObject } from '../port.ts';
import { gitEnvironment } from './git-environment.ts';
import { isCrash } from './is-crash.ts';

type Child = ChildProcessByStdio<Writable, Readable, null>;
/** `killed` by somebody else, `died` of what it read. */
type Answer = GitObject | null | 'killed' | 'died';
interface Request {
  oid: string;
  resolve: (answer: Answer) => void;
}
interface Incoming {
  type: GitObject['type'];
  chunks: Buffer[];
  kept: number;
  /** Bytes still to come, with the newline that ends them. */
  left: number;
}

/** A machine that is short of memory kills what it finds: that says nothing of an object, which is asked for again so often. */
const LIVES = 5;
/** Of a larger object, the first so many bytes are returned. */
const MAX_OBJECT_BYTES = 64 * 1024 * 1024;

const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Reads objects through one long-lived `git cat-file --batch`. The child ends when its input does, so also when this
 * process is killed; it does not keep this process alive. When it ends (a corrupt object is its death) the next read starts another.
 */
export class ObjectReader {
  readonly #gitDir: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #maxBytes: number;
  #session: Session | null = null;
  #closed = false;

  constructor(gitDir: string, env: NodeJS.ProcessEnv, maxBytes = MAX_OBJECT_BYTES) {
    this.#gitDir = gitDir;
    this.#env = gitEnvironment(env);
    this.#maxBytes = maxBytes;
  }

  /** The object, cut at the largest size; null where it is missing or cannot be read. */
  async read(oid: string): Promise<GitObject | null> {
    if (this.#closed || !OID.test(oid)) return null;
    let kills = 0;
    for (let deaths = 0; deaths < 2 && kills < LIVES && !this.#closed; ) {
      const answer = await this.#ask(oid);
      // What the child died of may have been another read's object: this one gets a second chance, alone.
      if (answer === 'died') deaths += 1;
      else if (answer === 'killed') kills += 1;
      else return answer;
    }
    return null;
  }

  #ask(oid: string): Promise<Answer> {
    if (this.#session === null || this.#session.ended) {
      const argv = ['--git-dir', this.#gitDir, 'cat-file', '--batch'];
      const child = spawn('git', argv, { env: this.#env, stdio: ['pipe', 'pipe', 'ignore'], detached: true });
      this.#session = new Session(child, this.#maxBytes);
    }
    return this.#session.ask(oid);
  }

  /** Ends the child, which holds files of a clone that is gone; the next read starts another. */
  async restart(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.end();
  }

  /** Ends the child for good; later reads find nothing. Safe twice. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.restart();
  }
}

/** One child's life: requests in a row, answers in the same order. */
class Session {
  readonly #child: Child;
  readonly #maxBytes: number;
  readonly #requests: Request[] = [];
  readonly #gone: Promise<void>;
  #line = Buffer.alloc(0);
  #incoming: Incoming | null = null;
  #ending = false;
  ended = false;

  constructor(child: Child, maxBytes: number) {
    this.#child = child;
    this.#maxBytes = maxBytes;
    this.#gone = new Promise<'killed' | 'died'>((resolve) => {
      child.once('error', () => resolve('died'));
      child.once('close', (_code, signal) => resolve(signal === null || isCrash(signal) ? 'died' : 'killed'));
    }).then((how) => this.#die(how));
    child.stdin.on('error', () => {});
    child.stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#hold();
  }

  ask(oid: string): Promise<Answer> {
    return new Promise((resolve) => {
      this.#requests.push({ oid, resolve });
      this.#hold();
      this.#gather();
      this.#child.stdin.write(`${oid}\n`);
    });
  }

  /** What is asked in one turn goes out in one write: five hundred small ones cost more than the objects. */
  #gather(): void {
    if (this.#child.stdin.writableCorked > 0) return;
    this.#child.stdin.cork();
    process.nextTick(() => this.#child.stdin.uncork());
  }

  async end(): Promise<void> {
    this.#ending = true;
    this.#hold();
    this.#child.stdin.end();
    await this.#gone;
  }

  #die(how: 'killed' | 'died'): void {
    this.ended = true;
    for (const request of this.#requests.splice(0)) request.resolve(how);
  }

  /** Keeps this process alive only while an answer or the child's end is due; also where the child dies and its streams end before its exit is known. */
  #hold(): void {
    const on = this.#ending || this.#requests.length > 0;
    if (on) this.#child.ref();
    else this.#child.unref();
    for (const stream of [this.#child.stdin, this.#child.stdout] as unknown as Socket[]) on ? stream.ref() : stream.unref();
  }

  #answer(object: GitObject | null): void {
    this.#requests.shift()?.resolve(object);
    if (this.#requests.length === 0) this.#hold();
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) rest = this.#incoming === null ? this.#takeHeader(rest) : this.#takeContent(this.#incoming, rest);
  }

  #takeHeader(chunk: Buffer): Buffer {
    const end = chunk.indexOf(10);
    if (end < 0) {
      this.#line = Buffer.concat([this.#line, chunk]);
      return Buffer.alloc(0);
    }
    const line = Buffer.concat([this.#line, chunk.subarray(0, end)]).toString('latin1');
    this.#line = Buffer.alloc(0);
    const found = /^[0-9a-f]+ (commit|tree|blob|tag) (\d+)$/.exec(line);
    if (found === null) this.#answer(null);
    else this.#incoming = { type: found[1] as GitObject['type'], chunks: [], kept: 0, left: Number(found[2]) + 1 };
    return chunk.subarray(end + 1);
  }

  #takeContent(incoming: Incoming, chunk: Buffer): Buffer {
    const part = chunk.subarray(0, incoming.left);
    incoming.left -= part.length;
    const content = incoming.left === 0 ? part.subarray(0, -1) : part;
    const kept = content.subarray(0, this.#maxBytes - incoming.kept);
    if (kept.length > 0) incoming.chunks.push(kept);
    incoming.kept += kept.length;
    if (incoming.left === 0) {
      this.#incoming = null;
      this.#answer({ type: incoming.type, content: Buffer.concat(incoming.chunks) });
    }
    return chunk.subarray(part.length);
  }
}
