import { appendFile, chmod, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CommandOptions, mustRun, runCommand } from '../run-command.ts';
import type { TestRemoteOptions } from './test-remote.ts';

/** A user of this machine, for whom root may act. */
export interface Owner {
  uid: number;
  gid: number;
}

/** The mark in the repository that the next push shall have no answer. */
const NEXT = 'lose-next-answer';

/** A bare repository, as a server holds it, with the hooks that make it misbehave. */
export class BareRepository {
  readonly dir: string;
  readonly #run: CommandOptions;

  constructor(dir: string, env: Record<string, string>, as?: Owner) {
    this.dir = dir;
    this.#run = { env, cwd: dirname(dir), ...(as && { as }) };
  }

  /** Makes it, for `as` where root makes it for another user: the folder above must be that user's. */
  static async init(
    dir: string,
    env: Record<string, string>,
    options: TestRemoteOptions = {},
    as?: Owner,
  ): Promise<BareRepository> {
    const format = `--object-format=${options.objectFormat ?? 'sha1'}`;
    const repository = new BareRepository(dir, env, as);
    await mustRun('git', ['init', '--quiet', '--bare', '--template=', format, dir], repository.#run);
    const settings = `[uploadpack]\n\tallowFilter = ${options.allowFilter ?? true}\n[gc]\n\tauto = 0\n`;
    await appendFile(join(dir, 'config'), settings);
    return repository;
  }

  /** Runs git in it; returns what it printed, throws if it failed. */
  git(...args: string[]): Promise<string> {
    return this.gitWith('', ...args);
  }

  /** The same, with something to read. */
  gitWith(input: string | Uint8Array, ...args: string[]): Promise<string> {
    return mustRun('git', ['--git-dir', this.dir, ...args], { ...this.#run, input });
  }

  /** The oid of a ref, or null. */
  async resolve(ref: string): Promise<string | null> {
    const result = await runCommand('git', ['--git-dir', this.dir, 'rev-parse', '--verify', '--quiet', ref], this.#run);
    return result.exitCode === 0 ? result.stdout.trim() : null;
  }

  /** All refs with their oids. */
  async refs(): Promise<Map<string, string>> {
    const text = await this.git('for-each-ref', '--format=%(refname) %(objectname)');
    const rows = text.split('\n').filter((line) => line !== '');
    return new Map(rows.map((line) => line.split(' ') as [string, string]));
  }

  /** Puts a shell script in as a hook. */
  async setHook(name: 'update' | 'pre-receive' | 'reference-transaction', script: string): Promise<void> {
    const path = join(this.dir, 'hooks', name);
    await mustRun('mkdir', ['-p', join(this.dir, 'hooks')], this.#run);
    // It appears whole: a push may run at this moment, or a hook that removes itself.
    await writeFile(`${path}.new`, `#!/bin/sh\n${script}\n`);
    await chmod(`${path}.new`, 0o755);
    await rename(`${path}.new`, path);
  }

  async removeHook(name: 'update' | 'pre-receive' | 'reference-transaction'): Promise<void> {
    await rm(join(this.dir, 'hooks', name), { force: true });
  }

  /** Refuses every update of refs that match a shell pattern, each for itself, until the hook is removed. */
  refuseRefs(pattern: string, reason = 'not here'): Promise<void> {
    return this.setHook('update', `case "$1" in ${pattern}) echo "${reason}"; exit 1;; esac`);
  }

  /** Refuses every push that brings a file with these words, as a secret scanner does, until the hook is removed. */
  refuseContent(words: string): Promise<void> {
    const scan = `git diff-tree -r -p --root "$3" | grep -q -F -e '${words}'`;
    return this.setHook('update', `case "$3" in *[!0]*) if ${scan}; then echo "push declined: secret found"; exit 1; fi;; esac`);
  }

  /** Another client's update arrives between this push's lease check and its update. */
  overtakeNextPush(ref: string, oid: string): Promise<void> {
    const mark = 'rm -f "$GIT_DIR/hooks/update"';
    const quarantine = 'unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES';
    return this.setHook('update', `if [ "$1" = '${ref}' ]; then ${mark}; ${quarantine}; git update-ref '${ref}' ${oid}; fi`);
  }

  /**
   * The next push is applied whole, and the server dies before it has said so. The hooks stay, for others may push at this
   * moment: a mark, which one push takes, says that they are to do something.
   */
  async loseNextAnswer(): Promise<void> {
    const mine = '"$GIT_DIR/unanswered.$PPID"';
    await this.setHook('pre-receive', `rm "$GIT_DIR/${NEXT}" 2> /dev/null && cut -d' ' -f3 > ${mine}; exit 0`);
    // When the last of the push's refs is there, the parent (receive-pack) goes.
    const left = `cut -d' ' -f3 > ${mine}.done; grep -v -x -F -f ${mine}.done ${mine} > ${mine}.left; mv ${mine}.left ${mine}`;
    await this.setHook(
      'reference-transaction',
      `[ "$1" = committed ] && [ -f ${mine} ] || exit 0; ${left}; [ -s ${mine} ] || { rm -f ${mine} ${mine}.done; kill -9 $PPID; }`,
    );
    await writeFile(join(this.dir, NEXT), '');
  }

  /** What is pushed from now on is answered. */
  async answerAll(): Promise<void> {
    await rm(join(this.dir, NEXT), { force: true });
  }
}
