import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hermeticEnv } from './hermetic.ts';
import { type CommandResult, mustRun, runCommand } from './run-command.ts';

/** What a person needs of a remote. */
export interface PersonsRemote {
  url: string;
  env: Record<string, string>;
}

/** A person with a checkout and nothing but git. */
export class Person {
  /** The checkout. */
  readonly dir: string;
  readonly env: Record<string, string>;

  private constructor(dir: string, env: Record<string, string>) {
    this.dir = dir;
    this.env = env;
  }

  /** Clones into `<folder>/checkout`; an empty remote is fine. */
  static async clone(remote: PersonsRemote, folder: string, name = 'Ada'): Promise<Person> {
    const email = `${name.toLowerCase()}@localhost`;
    await mkdir(folder, { recursive: true });
    const env = { ...remote.env, ...hermeticEnv(folder, { name, email }) };
    const dir = join(folder, 'checkout');
    await mustRun('git', ['clone', '--quiet', remote.url, dir], { env });
    const person = new Person(dir, env);
    // The branch of an empty remote is the one that the person's git would make.
    if ((await person.tryGit('rev-parse', '--verify', '--quiet', 'HEAD')).exitCode !== 0) {
      await person.git('symbolic-ref', 'HEAD', 'refs/heads/main');
    }
    return person;
  }

  /** Runs git in the checkout; returns what it printed, throws if it failed. */
  git(...args: string[]): Promise<string> {
    return mustRun('git', args, { cwd: this.dir, env: this.env });
  }

  /** The same, where failing is one of the answers. */
  tryGit(...args: string[]): Promise<CommandResult> {
    return runCommand('git', args, { cwd: this.dir, env: this.env });
  }

  async write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.dir, path)), { recursive: true });
    await writeFile(join(this.dir, path), text);
  }

  writeTask(id: string, text: string): Promise<void> {
    return this.write(`tasks/${id}.md`, text);
  }

  /** A file of the checkout, or null. */
  read(path: string): Promise<string | null> {
    return readFile(join(this.dir, path), 'utf8').catch(() => null);
  }

  remove(path: string): Promise<void> {
    return rm(join(this.dir, path));
  }

  /** Commits everything there is and returns the commit's oid. */
  async commit(message = 'work'): Promise<string> {
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--message', message);
    return (await this.git('rev-parse', 'HEAD')).trim();
  }

  /** Pulls as a person does, with a merge where both sides moved; throws on a conflict. */
  async pull(): Promise<void> {
    await this.git('pull', '--quiet', '--no-edit', '--no-rebase', 'origin', await this.#branch());
  }

  /** Pushes; pulls and tries again where someone was faster. */
  async push(): Promise<void> {
    const branch = await this.#branch();
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.tryGit('push', '--quiet', '--set-upstream', 'origin', `HEAD:refs/heads/${branch}`);
      if (result.exitCode === 0) return;
      if (attempt === 20 || !/fetch first|non-fast-forward|cannot lock ref|failed to update ref|stale/.test(result.stderr)) {
        throw new Error(`git push ended with ${result.exitCode}: ${result.stderr}`);
      }
      await this.pull();
    }
  }

  /** Pushes once, with no second try. */
  async tryPush(): Promise<CommandResult> {
    return this.tryGit('push', '--quiet', 'origin', `HEAD:refs/heads/${await this.#branch()}`);
  }

  async #branch(): Promise<string> {
    return (await this.git('symbolic-ref', '--short', 'HEAD')).trim();
  }
}
