import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { taskPath } from '@errand/task';
import { commitOnTip, type PathChange } from './branch-edit.ts';
import { readJsonFolder, removeDurably, writeDurably } from './durable-file.ts';
import { isDescendant } from './history.ts';
import { branchRef } from './names.ts';
import { readCommit, readTree } from './objects.ts';
import type { GitFailure, GitPort } from './port.ts';

/** A task file that waits to reach the branch. */
export interface OutboxEntry {
  id: string;
  content: string;
  subject: string;
  createdAt: string;
  /** Commits that were pushed with it without a definite answer: if the branch has one of them, it has arrived. */
  commits: string[];
}

export type FlushOutcome = { ok: true; sent: string[] } | { ok: false; pending: string[]; cause: GitFailure };

/**
 * Tasks filed on this machine that the branch does not have yet, as plain fsynced files outside the clone.
 * An entry goes only when the branch contains the very commit that added it, so that a task is never lost and one that a
 * person removed at once is not added again.
 */
export class Outbox {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async add(entry: OutboxEntry): Promise<void> {
    await writeDurably(this.#path(entry.id), `${JSON.stringify(entry, null, 2)}\n`);
  }

  async isEmpty(): Promise<boolean> {
    const names = await readdir(this.#folder).catch(() => []);
    return !names.some((name) => name.endsWith('.json'));
  }

  async pending(): Promise<OutboxEntry[]> {
    const entries = [...(await readJsonFolder<OutboxEntry>(this.#folder, ['id', 'content', 'subject', 'createdAt', 'commits'])).values()];
    return entries.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  }

  /** Sends everything in one commit; again on a new tip while others move the branch, `tries` times. */
  async flush(port: GitPort, branch: string, tries = 8): Promise<FlushOutcome> {
    const sent: string[] = [];
    let cause: GitFailure = { kind: 'transient', message: 'the branch kept moving' };
    for (let attempt = 0; attempt < tries; attempt++) {
      const waiting = await this.pending();
      if (waiting.length === 0) return { ok: true, sent };
      const fetched = await port.fetch();
      if (!fetched.ok) return { ok: false, pending: waiting.map(({ id }) => id), cause: fetched.cause };
      const tip = (await port.refs()).find((ref) => ref.name === branchRef(branch))?.oid ?? null;
      const toSend = await this.#settle(port, tip, waiting, sent);
      if (toSend.length === 0) continue;
      const outcome = await this.#send(port, branch, tip, toSend);
      if (outcome === 'accepted') {
        for (const { id } of toSend) {
          await removeDurably(this.#path(id));
          sent.push(id);
        }
      } else if (outcome !== 'rejected') cause = outcome;
      if (outcome !== 'accepted' && outcome !== 'rejected' && outcome.kind !== 'transient') break;
    }
    const left = await this.pending();
    return left.length === 0 ? { ok: true, sent } : { ok: false, pending: left.map(({ id }) => id), cause };
  }

  /** Takes out the entries that have arrived; gives back the others. */
  async #settle(port: GitPort, tip: string | null, entries: OutboxEntry[], sent: string[]): Promise<OutboxEntry[]> {
    const there = tip === null ? new Map<string, string>() : await taskFiles(port, tip);
    const rest: OutboxEntry[] = [];
    for (const entry of entries) {
      const blob = there.get(`${entry.id}.md`);
      let arrived = blob !== undefined && blob === (await port.writeBlob(entry.content));
      for (const commit of entry.commits) arrived ||= await isDescendant(port, tip, commit);
      if (arrived) {
        await removeDurably(this.#path(entry.id));
        sent.push(entry.id);
      } else rest.push(blob === undefined ? entry : await this.#rename(entry));
    }
    return rest;
  }

  /** Another task took this id first: neither is lost, and the later one gets a name of its own. */
  async #rename(entry: OutboxEntry): Promise<OutboxEntry> {
    const suffix = createHash('sha256').update(entry.content).digest('hex').slice(0, 4);
    const renamed = { ...entry, id: `${entry.id.slice(0, 75)}-${suffix}`, commits: [] };
    await this.add(renamed);
    await removeDurably(this.#path(entry.id));
    return renamed;
  }

  async #send(port: GitPort, branch: string, tip: string | null, entries: OutboxEntry[]): Promise<'accepted' | 'rejected' | GitFailure> {
    const changes: PathChange[] = [];
    for (const { id, content } of entries) changes.push({ path: taskPath(id), blob: await port.writeBlob(content) });
    const [only] = entries;
    const subject = entries.length === 1 && only ? only.subject : `add: ${entries.length} tasks`;
    const to = await commitOnTip(port, tip, changes, `${subject}\n`);
    for (const entry of entries) await this.add({ ...entry, commits: [...entry.commits, to] });
    const pushed = await port.push([{ ref: branchRef(branch), to, expect: tip }]);
    const state = pushed.refs.get(branchRef(branch));
    if (state?.state === 'accepted' || state?.state === 'rejected') return state.state;
    if (state?.state === 'declined') return { kind: 'refused', message: `the server refused the commit: ${state.reason}` };
    return pushed.cause ?? { kind: 'unreachable', message: 'the push had no definite answer' };
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}

/** Blobs of the files in `tasks/`, by name. */
async function taskFiles(port: GitPort, tip: string): Promise<Map<string, string>> {
  const root = await readTree(port, (await readCommit(port, tip)).tree);
  const tasks = root.find((entry) => entry.name === 'tasks' && entry.mode === '40000');
  return new Map(tasks ? (await readTree(port, tasks.oid)).map(({ name, oid }) => [name, oid]) : []);
}
