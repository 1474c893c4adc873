import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import type { EnvValue } from './machine-config.ts';
import { expandPath } from './paths.ts';

/** Every variable with its text, or one sentence for each file that could not be read. Neither holds a secret in its message. */
export type ResolvedEnv = { ok: true; env: { [name: string]: string } } | { ok: false; causes: string[] };

/** Reads the values that are kept in files, without the newline at their end. `~` is the home; other paths are absolute already. */
export async function resolveEnvValues(
  values: { readonly [name: string]: EnvValue },
  home: string = homedir(),
): Promise<ResolvedEnv> {
  const env: { [name: string]: string } = {};
  const causes: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'string') {
      env[name] = value;
      continue;
    }
    const path = expandPath(value.file, home, home);
    const read = await readSecret(path);
    if (read.ok) env[name] = read.text;
    else causes.push(`${name}: cannot read ${path}: ${read.cause}`);
  }
  return causes.length === 0 ? { ok: true, env } : { ok: false, causes };
}

async function readSecret(path: string): Promise<{ ok: true; text: string } | { ok: false; cause: string }> {
  try {
    const text = (await readFile(path, 'utf8')).replace(/(?:\r?\n)+$/, '');
    if (text === '') return { ok: false, cause: 'it is empty' };
    if (text.includes('\0')) return { ok: false, cause: 'it holds a NUL byte' };
    return { ok: true, text };
  } catch (error) {
    return { ok: false, cause: plainCause(error) };
  }
}

function plainCause(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
