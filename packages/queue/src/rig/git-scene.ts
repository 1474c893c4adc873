import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, View } from '@errand/planner';
import { type BareRepository, type TestRemote, temporaryDirectory } from '@errand/testing';
import { openPrivateClone } from '../git/private-clone.ts';
import { openQueue, type Queue } from '../open-queue.ts';
import type { GitPort } from '../port.ts';
import { ViewReader } from '../view-reader.ts';
import { BRANCH, type FileChanges, MAIN, must, type Scene } from './scene.ts';

/**
 * A real remote and real private clones of it. The person's commits are made in the repository itself, by git alone, and
 * what is said of it is what git says there: nothing of either is what is being tested.
 */
export class GitScene implements Scene {
  readonly #remote: TestRemote;
  readonly #folder = temporaryDirectory();
  readonly #ports: GitPort[] = [];
  #observing: GitPort | null = null;
  #commits = 0;

  constructor(remote: TestRemote) {
    this.#remote = remote;
  }

  clone(): GitPort {
    const dir = join(this.#folder.path, `machine-${this.#ports.length}`, 'clone');
    return this.#keep(openPrivateClone({ dir, remote: this.#remote.url, branch: BRANCH, env: this.#remote.env }));
  }

  openQueue(options: { stateDir: string; clock: Clock }): Queue {
    const queue = openQueue({ ...options, remote: this.#remote.url, branch: BRANCH, env: this.#remote.env });
    this.#keep(queue.port);
    return queue;
  }

  async view(port: GitPort = this.#observer(), atMs = 0): Promise<View> {
    await must(port.fetch());
    return new ViewReader(port, BRANCH).read(atMs);
  }

  async commit(files: FileChanges): Promise<string> {
    return this.#put(await this.tip(), files);
  }

  async moveBack(to: string, files: FileChanges = {}): Promise<string> {
    await this.#repository.git('update-ref', MAIN, to);
    return Object.keys(files).length === 0 ? to : this.#put(to, files);
  }

  async deleteRef(ref: string): Promise<void> {
    await this.#repository.git('update-ref', '-d', ref);
  }

  tip(): Promise<string | null> {
    return this.#repository.resolve(MAIN);
  }

  refs(): Promise<Map<string, string>> {
    return this.#repository.refs();
  }

  async coordinationRefs(): Promise<string[]> {
    return [...(await this.refs()).keys()].filter((ref) => ref.startsWith('refs/errand/'));
  }

  async message(ref: string): Promise<string> {
    const text = await this.#repository.git('cat-file', 'commit', ref);
    return text.slice(text.indexOf('\n\n') + 2);
  }

  async parents(commit: string): Promise<string[]> {
    const text = await this.#repository.git('rev-list', '--parents', '--max-count=1', commit);
    return text.trim().split(' ').slice(1);
  }

  async files(of?: string): Promise<Map<string, string>> {
    const commit = of ?? (await this.tip());
    if (commit === null) return new Map();
    const list = await this.#repository.git('ls-tree', '-r', '-z', commit);
    const rows = [...list.matchAll(/\d+ \w+ (\w+)\t([^\0]+)\0/g)];
    const contents = await this.#read(rows.map(([, oid]) => oid as string));
    return new Map(rows.map(([, , path], index) => [path as string, contents[index] ?? '']));
  }

  goAway(): Promise<void> {
    return this.#remote.goAway();
  }

  comeBack(): Promise<void> {
    return this.#remote.comeBack();
  }

  loseNextAnswer(): Promise<void> {
    return this.#repository.loseNextAnswer();
  }

  refuseAll(): Promise<void> {
    return this.#repository.refuseRefs('*');
  }

  refuseContent(words: string): Promise<void> {
    return this.#repository.refuseContent(words);
  }

  async loseObject(oid: string): Promise<() => Promise<void>> {
    const place = join(this.#repository.dir, 'objects', oid.slice(0, 2), oid.slice(2));
    await rename(place, `${place}.lost`);
    return () => rename(`${place}.lost`, place);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#ports.map((port) => port.close()));
    await this.#remote[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }

  get #repository(): BareRepository {
    return this.#remote.repository;
  }

  /** Nobody else's clone, made when it is first needed. */
  #observer(): GitPort {
    this.#observing ??= this.clone();
    return this.#observing;
  }

  #keep(port: GitPort): GitPort {
    this.#ports.push(port);
    return port;
  }

  async #put(tip: string | null, files: FileChanges): Promise<string> {
    const paths = Object.keys(files);
    const lines = [`commit ${MAIN}`, 'mark :1', `committer Ada <ada@localhost> ${1_795_165_200 + this.#commits++} +0000`];
    lines.push(data(`change ${paths.join(', ')}\n`));
    if (tip !== null) lines.push(`from ${tip}`);
    for (const [path, text] of Object.entries(files)) {
      if (text === null) lines.push(`D ${path}`);
      else lines.push(`M 100644 inline ${path}`, data(text));
    }
    lines.push('', 'get-mark :1', 'done', '');
    return (await this.#repository.gitWith(lines.join('\n'), 'fast-import', '--quiet', '--done', '--force')).trim();
  }

  /** The text of these blobs, in their order. */
  async #read(oids: readonly string[]): Promise<string[]> {
    if (oids.length === 0) return [];
    const said = Buffer.from(await this.#repository.gitWith(`${oids.join('\n')}\n`, 'cat-file', '--batch'), 'utf8');
    let at = 0;
    return oids.map(() => {
      const end = said.indexOf('\n', at);
      const size = Number(said.toString('utf8', at, end).split(' ')[2]);
      at = end + 1 + size + 1;
      return said.toString('utf8', end + 1, end + 1 + size);
    });
  }
}

/** As `git fast-import` reads it: how many bytes, then these. */
function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}
