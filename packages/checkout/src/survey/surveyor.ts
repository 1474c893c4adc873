import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { taskIdOfPath, taskIdOfResultPath } from '@errand/task';
import type { Checkout } from '../open-checkout.ts';
import { classifyCommits } from './classify-commits.ts';
import { findEngagement } from './find-engagement.ts';
import { FileInspector } from './inspect-file.ts';
import { type ListedChange, listChanges } from './list-changes.ts';
import { parseStatus, type StatusEntry } from './parse-status.ts';
import type { AheadCommit, Change, Survey, TasksFolder } from './survey.ts';

const STATUS = ['status', '--porcelain=v2', '-z', '--no-renames', '--untracked-files=all', '--ignored=matching', '--', 'tasks'];

interface Standing {
  ahead: readonly AheadCommit[];
  behind: number;
  changedThere: ReadonlySet<string>;
}

/** Looks at a checkout again and again, and keeps what cannot change meanwhile. Changes nothing in it. */
export class Surveyor {
  readonly #checkout: Checkout;
  readonly #inspector: FileInspector;
  readonly #commits = new Map<string, AheadCommit>();
  #standing: { of: string; is: Standing } | null = null;
  #results: { of: string; are: ReadonlyMap<string, string> } | null = null;

  constructor(checkout: Checkout) {
    this.#checkout = checkout;
    this.#inspector = new FileInspector(checkout.dir);
  }

  async survey(): Promise<Survey> {
    const { git, upstreamRef } = this.#checkout;
    const found = await findEngagement(this.#checkout);
    if (found.engagement !== null) return { state: 'engaged', engagement: found.engagement };
    const { head } = found;
    const [status, unmerged, upstream] = await Promise.all([
      git.run({ args: STATUS }),
      git.list('ls-files', '--unmerged', '-z'),
      git.ask('rev-parse', '--verify', '--quiet', `${upstreamRef}^{commit}`),
    ]);
    if (status.exitCode !== 0 || unmerged === null) {
      const text = status.stderr.trim().split('\n')[0] ?? '';
      return { state: 'engaged', engagement: { what: 'unreadable', text } };
    }
    if (unmerged.length > 0) return { state: 'engaged', engagement: { what: 'conflicts' } };
    const entries = parseStatus(status.stdout);
    const listed = listChanges(entries);
    const changes = (await Promise.all(listed.map((change) => this.#look(change)))).filter((change) => change !== null);
    return {
      state: 'free',
      head,
      upstream,
      ...(await this.#stand(head, upstream)),
      changes,
      ignored: entries.filter(({ path, index }) => index === '!' && taskIdOfPath(path) !== null).map(({ path }) => path),
      folder: await this.#lookAtFolder(head, entries, listed),
      finished: await this.#findFinished(head, upstream, changes),
    };
  }

  async #look(change: ListedChange): Promise<Change | null> {
    if (change.kind === 'removed') return { ...change, fingerprint: 'gone', problems: [], forgotFrontMatter: false };
    const inspection = await this.#inspector.inspect(change.path);
    return inspection === null ? null : { ...change, ...inspection };
  }

  /** How this branch stands to what the remote had. */
  async #stand(head: string, upstream: string | null): Promise<Standing> {
    const of = `${head} ${upstream}`;
    if (this.#standing?.of === of) return this.#standing.is;
    const is = upstream === null || upstream === head ? LEVEL : await this.#compare(head, upstream);
    this.#standing = { of, is };
    return is;
  }

  async #compare(head: string, upstream: string): Promise<Standing> {
    const { git } = this.#checkout;
    const count = await git.ask('rev-list', '--count', `${head}..${upstream}`, '--');
    const oids = (await git.ask('rev-list', `${upstream}..${head}`, '--')) ?? '';
    const ahead = await this.#classify(oids.split('\n').filter(Boolean));
    const behind = Number(count ?? 0);
    const base = behind === 0 ? null : await git.ask('merge-base', head, upstream);
    const diff = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', base ?? head, upstream, '--', 'tasks'];
    return { ahead, behind, changedThere: new Set(behind === 0 ? [] : await git.list(...diff)) };
  }

  /** Commits do not change: what is settled of them stays so, as long as they are ahead. */
  async #classify(oids: readonly string[]): Promise<readonly AheadCommit[]> {
    const known = this.#commits;
    const news = oids.filter((oid) => !known.has(oid));
    const { settled, open } = await classifyCommits(this.#checkout, news);
    for (const commit of settled) known.set(commit.oid, commit);
    const still = new Set(oids);
    for (const oid of known.keys()) if (!still.has(oid)) known.delete(oid);
    const others = new Map(open.map((commit) => [commit.oid, commit]));
    return oids.map((oid) => known.get(oid) ?? others.get(oid) ?? { oid, subject: '', byWatcher: false, ids: [], removed: [] });
  }

  async #lookAtFolder(head: string, entries: readonly StatusEntry[], listed: readonly ListedChange[]): Promise<TasksFolder> {
    const { git, dir } = this.#checkout;
    const found = await lstat(join(dir, 'tasks')).catch(() => null);
    const someGone = listed.some(({ kind }) => kind === 'removed');
    const committed = someGone ? ((await git.list('ls-tree', '-z', '--name-only', head, 'tasks/')) ?? []) : [];
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
        const paths = (await this.#checkout.git.list('ls-tree', '-r', '-z', '--name-only', commit, 'results/')) ?? [];
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

const LEVEL: Standing = { ahead: [], behind: 0, changedThere: new Set() };
