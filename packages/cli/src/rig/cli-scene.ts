import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type CommandResult,
  hermeticEnv,
  Person,
  pathRemote,
  runCommand,
  type TestRemote,
  temporaryDirectory,
} from '@errand/testing';

const ERRAND = fileURLToPath(new URL('../../dist/errand.js', import.meta.url));

/** One machine with the real command line, and a queue on this disk. */
export interface CliScene extends AsyncDisposable {
  remote: TestRemote;
  /** The folder that commands run in; HOME is within it. */
  dir: string;
  env: Record<string, string>;
  errand(...args: string[]): Promise<CommandResult>;
  /** The same, with text on standard input. */
  errandWith(input: string, ...args: string[]): Promise<CommandResult>;
  /** Standard output of a command that must succeed. */
  must(...args: string[]): Promise<string>;
  /** Standard output as JSON, whatever the exit status. */
  json(...args: string[]): Promise<unknown>;
  write(path: string, text: string): Promise<void>;
  /** The machine's own file: this queue, and the command agent. */
  configure(more?: string): Promise<void>;
  person(): Promise<Person>;
  /** Paths on the branch. */
  files(): Promise<string[]>;
  /** Content of a file on the branch. */
  content(path: string): Promise<string>;
}

export async function cliScene(): Promise<CliScene> {
  const folder = temporaryDirectory();
  const remote = await pathRemote();
  const env = { ...remote.env, ...hermeticEnv(folder.path), EDITOR: '', VISUAL: '', TMPDIR: folder.path };
  const run = (input: string, args: string[]) =>
    runCommand(process.execPath, [ERRAND, ...args], { cwd: folder.path, env, input });
  const must = async (...args: string[]): Promise<string> => {
    const result = await run('', args);
    if (result.exitCode !== 0) throw new Error(`errand ${args.join(' ')} ended with ${result.exitCode}: ${result.stderr}`);
    return result.stdout;
  };
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), text);
  };
  const configure = (more = ''): Promise<void> =>
    write(
      'home/.config/errand/config.yaml',
      [
        `queue: ${remote.url}`,
        'machine: pi',
        'policy: { agents: [command], permissions: bypass, contain: tree }',
        'agents: { command: { argv: [sh, -s] } }',
        'default_agent: command',
        more,
      ].join('\n'),
    );
  return {
    remote,
    dir: folder.path,
    env,
    errand: (...args) => run('', args),
    errandWith: (input, ...args) => run(input, args),
    must,
    json: async (...args) => JSON.parse((await run('', args)).stdout),
    write,
    configure,
    person: () => Person.clone(remote, join(folder.path, 'person')),
    files: async () => (await remote.repository.git('ls-tree', '-r', '--name-only', 'main')).split('\n').filter(Boolean),
    content: (path) => remote.repository.git('show', `main:${path}`),
    async [Symbol.asyncDispose]() {
      await remote[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** A scene whose queue is made and whose machine is `pi`. */
export async function readyScene(): Promise<CliScene> {
  const scene = await cliScene();
  await scene.configure();
  await scene.must('init', scene.remote.url);
  return scene;
}
