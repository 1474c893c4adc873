import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Person, runCommand } from '@errand/testing';

/** Fails once for each file that bears the name of the verb, as a git does that finds no memory or no process to be had. */
const SCRIPT = `#!/bin/sh
verb=
skip=
for word; do
  if [ -n "$skip" ]; then skip=; continue; fi
  case $word in -c) skip=yes ;; -*) ;; *) verb=$word; break ;; esac
done
if rm "$FAILING_GIT/fails/$verb" 2>/dev/null; then
  echo "fatal: cannot fork" >&2
  exit 128
fi
exec "$REAL_GIT" "$@"
`;

/** A git before the real one, that can be made to fail. */
export class FailingGit {
  /** For who is to run it. */
  readonly env: Record<string, string>;
  readonly #fails: string;

  private constructor(folder: string, env: Record<string, string>) {
    this.env = env;
    this.#fails = join(folder, 'fails');
  }

  static async install(person: Person): Promise<FailingGit> {
    const folder = join(person.dir, '..', 'failing-git');
    const { PATH = '' } = person.env;
    const real = (await runCommand('sh', ['-c', 'command -v git'], { env: { PATH } })).stdout.trim();
    await mkdir(join(folder, 'bin'), { recursive: true });
    await mkdir(join(folder, 'fails'));
    await writeFile(join(folder, 'bin/git'), SCRIPT);
    await chmod(join(folder, 'bin/git'), 0o755);
    const path = [join(folder, 'bin'), PATH].join(delimiter);
    return new FailingGit(folder, { PATH: path, FAILING_GIT: folder, REAL_GIT: real });
  }

  /** The next `git <verb>` fails. */
  failNext(verb: string): Promise<void> {
    return writeFile(join(this.#fails, verb), '');
  }

  /** Verbs that were to fail and were not run. */
  pending(): Promise<string[]> {
    return readdir(this.#fails);
  }

  /** All goes well again. */
  async relent(): Promise<void> {
    for (const verb of await this.pending()) await rm(join(this.#fails, verb), { force: true });
  }
}
