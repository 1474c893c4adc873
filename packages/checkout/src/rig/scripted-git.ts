import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Person, runCommand } from '@errand/testing';

/** Runs what is noted for a verb, once, and then, unless that failed, the real git. */
const WRAPPER = `#!/bin/sh
verb=
skip=
for word; do
  if [ -n "$skip" ]; then skip=; continue; fi
  case $word in -c) skip=yes ;; -*) ;; *) verb=$word; break ;; esac
done
if mv "$SCRIPTED_GIT/next/$verb" "$SCRIPTED_GIT/now" 2>/dev/null; then
  sh "$SCRIPTED_GIT/now" >/dev/null || exit 128
fi
exec "$REAL_GIT" "$@"
`;

/** A git before the real one, in which something happens at the next command of a kind. */
export class ScriptedGit {
  /** For who is to run it. */
  readonly env: Record<string, string>;
  readonly #next: string;

  private constructor(folder: string, env: Record<string, string>) {
    this.env = env;
    this.#next = join(folder, 'next');
  }

  static async install(person: Person): Promise<ScriptedGit> {
    const folder = join(person.dir, '..', 'scripted-git');
    const { PATH = '' } = person.env;
    const real = (await runCommand('sh', ['-c', 'command -v git'], { env: { PATH } })).stdout.trim();
    await mkdir(join(folder, 'bin'), { recursive: true });
    await mkdir(join(folder, 'next'));
    await writeFile(join(folder, 'bin/git'), WRAPPER);
    await chmod(join(folder, 'bin/git'), 0o755);
    const path = [join(folder, 'bin'), PATH].join(delimiter);
    return new ScriptedGit(folder, { PATH: path, SCRIPTED_GIT: folder, REAL_GIT: real });
  }

  /** The next `git <verb>` fails, as one does that finds no memory or no process to be had. */
  failNext(verb: string): Promise<void> {
    return this.beforeNext(verb, 'echo "fatal: cannot fork" >&2; exit 1');
  }

  /** A shell script that runs before the next `git <verb>`, in the same folder; the real git is `"$REAL_GIT"`. */
  beforeNext(verb: string, script: string): Promise<void> {
    return writeFile(join(this.#next, verb), script);
  }

  /** Verbs that are still waited for. */
  pending(): Promise<string[]> {
    return readdir(this.#next);
  }

  /** Nothing is to happen any more. */
  async relent(): Promise<void> {
    for (const verb of await this.pending()) await rm(join(this.#next, verb), { force: true });
  }
}
