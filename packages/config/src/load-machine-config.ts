import { readFile, stat } from 'node:fs/promises';
import type { Finding, Problem, YamlSource } from '@errand/task';
import { type Host, readHost } from './host.ts';
import type { EnvValue, MachineConfig } from './machine-config.ts';
import { checkMachineFile, type ParsedConfig, resolveChecked } from './parse-machine-config.ts';
import { findMachineConfig } from './paths.ts';
import { findPasswordInRemote, findUnsafeRemote } from './remote-rules.ts';
import { resolveMachine, resolveRemote } from './resolve-machine.ts';

/** What stands above the file: the command line, and in tests the host. */
export interface ConfigOverrides {
  /** `--queue`; stands above `ERRAND_QUEUE`, which stands above the file. */
  queue?: string;
  host?: Partial<Host>;
}

/**
 * Finds and reads the machine's own file. Without one the value is null, or, where a queue is named otherwise, the defaults
 * with that queue and `path: null`. A file that `ERRAND_CONFIG` names must be there.
 */
export async function loadMachineConfig(
  env: NodeJS.ProcessEnv,
  overrides: ConfigOverrides = {},
): Promise<ParsedConfig<MachineConfig | null>> {
  const host = { ...readHost(env), ...overrides.host };
  const { path, named } = findMachineConfig(env, host.home, host.cwd);
  const fromFile = await readMachineConfig(path, named, host);
  const queue = readQueueOverride(env, overrides, host);
  if (queue === null) return fromFile;

  const warnings = [...fromFile.warnings.filter(({ code }) => code !== 'password-in-url'), ...queue.warnings];
  const problems = [...(fromFile.ok ? [] : fromFile.problems), ...queue.problems];
  if (!fromFile.ok || problems.length > 0) return { ok: false, problems, warnings };
  const value = fromFile.value ?? resolveMachine({}, null, host);
  return { ok: true, value: { ...value, queue: queue.remote }, warnings };
}

async function readMachineConfig(path: string, named: boolean, host: Host): Promise<ParsedConfig<MachineConfig | null>> {
  const read = await readText(path);
  switch (read.state) {
    case 'absent':
      return named ? refuse(notThere(path)) : { ok: true, value: null, warnings: [] };
    case 'unreadable':
      return refuse(unreadable(path, read.cause));
    case 'read': {
      const checked = checkMachineFile(path, read.text, host);
      const parsed = resolveChecked(checked, path, host);
      if (!parsed.ok) return parsed;
      return { ...parsed, warnings: [...parsed.warnings, ...(await findOpenSecrets(parsed.value, checked.source))] };
    }
  }
}

type ReadText = { state: 'read'; text: string } | { state: 'absent' } | { state: 'unreadable'; cause: string };

async function readText(path: string): Promise<ReadText> {
  try {
    return { state: 'read', text: await readFile(path, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { state: 'absent' };
    return { state: 'unreadable', cause: error instanceof Error ? error.message : String(error) };
  }
}

function refuse(problem: Problem): { ok: false; problems: Problem[]; warnings: Problem[] } {
  return { ok: false, problems: [problem], warnings: [] };
}

function notThere(path: string): Problem {
  const message = 'ERRAND_CONFIG names this file, and it is not there';
  return {
    path,
    line: 1,
    column: 1,
    code: 'config-not-found',
    message,
    hint: 'Correct or unset ERRAND_CONFIG, or run errand join to write the file.',
  };
}

function unreadable(path: string, cause: string): Problem {
  return {
    path,
    line: 1,
    column: 1,
    code: 'config-unreadable',
    message: `this file cannot be read: ${cause}`,
    hint: 'Correct its permissions.',
  };
}

function readQueueOverride(
  env: NodeJS.ProcessEnv,
  overrides: ConfigOverrides,
  host: Host,
): { remote: string; problems: Problem[]; warnings: Problem[] } | null {
  const name = overrides.queue !== undefined ? '--queue' : 'ERRAND_QUEUE';
  const text = overrides.queue ?? (env.ERRAND_QUEUE || undefined);
  if (text === undefined) return null;
  const place = ({ code, message, hint }: Finding): Problem => ({
    path: name,
    line: 1,
    column: 1,
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
  });
  const empty: Finding[] =
    text.trim() === ''
      ? [{ path: [name], at: 'value', code: 'empty-value', message: `\`${name}\` is empty`, hint: 'Name a git URL or a path.' }]
      : [];
  return {
    remote: resolveRemote(text, host.cwd, host.home),
    problems: [...empty, ...findUnsafeRemote(text, [name])].map(place),
    warnings: findPasswordInRemote(text, [name]).map(place),
  };
}

/** A secret that every user of the machine can read. A file that is not there is told when it is needed. */
async function findOpenSecrets(config: MachineConfig, source: YamlSource): Promise<Problem[]> {
  const secrets: [PropertyKey[], EnvValue | undefined][] = [
    ...Object.entries(config.agents).flatMap(([agent, { env }]) =>
      Object.entries(env).map(([name, value]): [PropertyKey[], EnvValue] => [['agents', agent, 'env', name, 'file'], value]),
    ),
    [['ntfy', 'token', 'file'], config.ntfy?.token],
  ];
  const found: Problem[] = [];
  for (const [path, value] of secrets) {
    if (value === undefined || typeof value === 'string') continue;
    const mode = await stat(value.file).then(
      (entry) => entry.mode,
      () => 0,
    );
    if ((mode & 0o004) === 0) continue;
    const message = `every user of this machine can read ${value.file}`;
    found.push(source.problem({ path, at: 'value', code: 'secret-readable-by-all', message, hint: `chmod 600 ${value.file}` }));
  }
  return found;
}
