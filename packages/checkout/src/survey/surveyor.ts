import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { taskIdOfPath, taskIdOfResultPath } from '@errand/task';
import { NoAnswer } from '../git/no-answer.ts';
import type { Checkout } from '../open-checkout.ts';
import { findEngagement } from './find-engagement.ts';
import { FileInspector } from './inspect-file.ts';
import { type ListedChange, listChanges } from './list-changes.ts';
import { parseStatus, type StatusEntry } from './parse-status.ts';
import { Comparer, type Standing } from './standing.ts';
import type { Change, Survey, TasksFolder } from './survey.ts';

const STATUS = ['status', '--porcelain=v2', '-z', '--no-renames', '--untracked-files=all', '--ignored=matching', '--', 'tasks'];

/** Looks at a checkout again and again, and keeps what cannot change meanwhile. Changes nothing in it. */
export class Surveyor {
  readonly #checkout: Checkout;
  readonly #inspector: FileInspector;
  readonly #comparer: Comparer;
  #results: { of: string; are: ReadonlyMap<string, string> } | null = null;

  constructor(checkout: Checkout) {
    this.#checkout = checkout;
    this.#inspector = new FileInspector(checkout.dir);
    this.#comparer = new Comparer(checkout);
  }

  /** Where git fails at anything, nothing is known: whoever took that for an empty answer would decide by it. */
  async survey(): Promise<Survey> {
    try {
      return await this.#survey();
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return { state: 'engaged', engagement: { what: 'unreadable', text: error.message } };
    }
  }

  async #survey(): Promise<Survey> {
    const { git } = this.#checkout;
    const found = await findEngagement(this.#checkout);
    if (found.engagement !== null) return { state: 'engaged', engagement: found.engagement };
    const { head } = found;
    const [status, unmerged] = await Promise.all([git.demand({ args: STATUS }), git.demandList('ls-files', '--unmerged', '-z')]);
    if (unmerged.length > 0) return { state: 'engaged', engagement: { what: 'conflicts' } };
    const { upstream, ...standing } = await this.#stand(head);
    const entries = parseStatus(status);
    const listed = listChanges(entries);
    const changes = (await Promise.all(listed.map((change) => this.#look(change)))).filter((change) => change !== null);
    return {
      state: 'free',
      head,
      upstream,
      ...standing,
      changes,
      ignored: entries.filter(({ path, index }) => index === '!' && taskIdOfPath(path) !== null).map(({ path }) => path),
      folder: await this.#lookAtFolder(head, entries, listed),
      finished: await this.#findFinished(head, upstream, changes),
    };
  }

  /** Until nothing has moved meanwhile: a push that ends in the middle of a look is no branch that was moved back. */
  async #stand(head: string): Promise<Standing & { upstream: string | null }> {
    for (;;) {
      const upstream = await this.#findUpstream();
      const standing = await this.#comparer.compare(head, upstream);
      const isDoubtful = standing.ahead.some(({ takenBack }) => takenBack);
      if (!isDoubtful || (await this.#findUpstream()) === upstream) return { ...standing, upstream };
    }
  }

  async #findUpstream(): Promise<string | null> {
    const { git, upstreamRef } = this.#checkout;
    const run = await git.run({ args: ['rev-parse', '--verify', '--quiet', `${upstreamRef}^{commit}`] });
    if (run.exitCode === 0) return run.stdout.trim();
    // Git remembers no such branch.
    if (run.exitCode === 1) return null;
    throw new NoAnswer(run);
  }

  async #look(change: ListedChange): Promise<Change | null> {
    if (change.kind === 'removed') return { ...change, fingerprint: 'gone', problems: [], forgotFrontMatter: false };
    const inspection = await this.#inspector.inspect(change.path);
    return inspection === null ? null : { ...change, ...inspection };
  }

  async #lookAtFolder(head: string, entries: readonly StatusEntry[], listed: readonly ListedChange[]): Promise<TasksFolder> {
    const { git, dir } = this.#checkout;
    const found = await lstat(join(dir, 'tasks')).catch(() => null);
    const someGone = listed.some(({ kind }) => kind === 'removed');
    const committed = someGone ? await git.demandList('ls-tree', '-z', '--name-only', head, 'tasks/') : [];
    return {
      isThere: found?.isDirectory() ?? false,
      committed: committed.filter((path) => taskIdOfPath(path) !== null).length,
      othersMissing: entries
        .filter(({ path, index, workTree }) => taskIdOfPath(path) === null && (index === 'D' || workTree === 'D'))
        .map(({ path }) => path),
    };
  }

  /** Which of the changed tasks have a result, here or at the remote. */
  async #findFinished(head: string, upstream: string | null, changes: readonly Change[]): Promise<ReadonlyMap<string, string>> {
    const ids = changes.map(({ id }) => id);
    if (ids.length === 0) return new Map();
    const of = `${head} ${upstream}`;
    if (this.#results?.of !== of) {
      const are = new Map<string, string>();
      for (const commit of new Set([head, upstream])) {
        if (commit === null) continue;
        const paths = await this.#checkout.git.demandList('ls-tree', '-r', '-z', '--name-only', commit, 'results/');
        for (const path of paths) {
          const id = taskIdOfResultPath(path);
          if (id !== null) are.set(id, path);
        }
      }
      this.#results = { of, are };
    }
    const { are } = this.#results;
    return new Map(ids.flatMap((id) => (are.has(id) ? [[id, are.get(id) ?? '']] : [])));
  }
}
