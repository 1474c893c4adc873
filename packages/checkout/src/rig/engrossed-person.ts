import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Person } from '@errand/testing';
import { CommitInEditor } from './commit-in-editor.ts';

/** What a person may do to a watched checkout, all of it with git or an editor. */
export const ACTS = [
  'save a task',
  'save a task',
  'save an invalid task',
  'delete a task',
  'save notes',
  'stage notes',
  'commit notes',
  'stage a task and change it',
  'amend',
  'open a commit in an editor',
  'save its message',
  'reset softly',
  'stash',
  'unstash',
  'go to another branch',
  'go back',
  'begin a merge',
  'end a merge',
  'lock the index',
  'unlock the index',
  'edit a result',
  'pull',
  'push',
] as const;
export type Act = (typeof ACTS)[number];

/** Somebody who works in a checkout while it is watched. What git refuses them, they leave. */
export class EngrossedPerson implements AsyncDisposable {
  readonly person: Person;
  #count = 0;
  #open: { commit: CommitInEditor; log: string } | null = null;

  constructor(person: Person) {
    this.person = person;
  }

  async act(act: Act): Promise<void> {
    const { person } = this;
    const number = ++this.#count;
    switch (act) {
      case 'save a task':
        return person.writeTask(`mine-${number % 4}`, `Do ${number}.\n`);
      case 'save an invalid task':
        return person.writeTask('mine-0', `---\nbogus: ${number}\n---\nDo it.\n`);
      case 'delete a task':
        return rm(join(person.dir, `tasks/mine-${number % 4}.md`), { force: true });
      case 'save notes':
        return person.write(`notes-${number % 2}.txt`, `private ${number}\n`);
      case 'stage notes':
        await person.write('notes-0.txt', `private, staged ${number}\n`);
        return this.#try('add', 'notes-0.txt');
      case 'commit notes':
        await person.write('notes-1.txt', `private, committed ${number}\n`);
        await this.#try('add', 'notes-1.txt');
        return this.#try('commit', '--quiet', '-m', `private ${number}`, '--', 'notes-1.txt');
      case 'stage a task and change it':
        await person.writeTask('mine-1', `Staged ${number}.\n`);
        await this.#try('add', 'tasks/mine-1.md');
        return person.writeTask('mine-1', `Changed ${number}.\n`);
      case 'amend':
        return this.#try('commit', '--quiet', '--amend', '--allow-empty', '-m', `amended ${number}`);
      case 'open a commit in an editor': {
        if (this.#open !== null) return;
        const log = await this.#readLog();
        const commit = await CommitInEditor.open(person);
        this.#open = commit && { commit, log };
        return;
      }
      case 'save its message': {
        const open = this.#open;
        this.#open = null;
        await open?.commit.save(`private, written slowly ${number}`);
        return;
      }
      case 'reset softly':
        return this.#try('reset', '--soft', 'HEAD~1');
      case 'stash':
        return this.#try('stash', '--include-untracked', '--quiet');
      case 'unstash':
        return this.#try('stash', 'pop', '--quiet');
      case 'go to another branch':
        await this.#try('branch', 'side');
        return this.#try('switch', '--quiet', 'side');
      case 'go back':
        return this.#try('switch', '--quiet', 'main');
      case 'begin a merge':
        return this.#try('merge', '--quiet', '--no-commit', '--no-ff', 'side');
      case 'end a merge':
        return this.#try('merge', '--abort');
      case 'lock the index':
        return writeFile(join(person.dir, '.git/index.lock'), '');
      case 'unlock the index':
        return rm(join(person.dir, '.git/index.lock'), { force: true });
      case 'edit a result':
        return person.write('results/2026-11-20/theirs-0.md', `private remark ${number}\n`);
      case 'pull':
        return this.#try('pull', '--quiet', '--no-rebase', '--no-edit');
      case 'push':
        return this.#try('push', '--quiet', 'origin', 'main');
    }
  }

  /** Whether a commit is open in an editor, and they themselves have not moved the branch since. */
  async isWriting(): Promise<boolean> {
    return this.#open !== null && this.#open.log === (await this.#readLog());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open?.commit[Symbol.asyncDispose]();
  }

  /** Leaves nothing half done: every operation ended, the branch checked out, their own commits sent. */
  async tidyUp(): Promise<void> {
    await this[Symbol.asyncDispose]();
    await rm(join(this.person.dir, '.git/index.lock'), { force: true });
    await this.#try('merge', '--abort');
    await this.#try('reset', '--quiet');
    await this.#try('restore', '.');
    await this.#try('clean', '--quiet', '--force', '-d');
    await this.person.git('switch', '--quiet', 'main');
    await this.person.git(
      'pull',
      '--quiet',
      '--no-rebase',
      '--no-edit',
      '--allow-unrelated-histories',
      '-X',
      'ours',
      'origin',
      'main',
    );
    await this.person.git('push', '--quiet', 'origin', 'main');
  }

  #readLog(): Promise<string> {
    return readFile(join(this.person.dir, '.git/logs/HEAD'), 'utf8');
  }

  async #try(...args: string[]): Promise<void> {
    await this.person.tryGit(...args);
  }
}
