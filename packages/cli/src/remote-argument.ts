import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Io } from './command.ts';
import { type Failure, fail } from './failure.ts';

/** A remote as it was typed: a path made absolute and checked to be there, or a URL as it is. */
export async function readRemote(
  io: Io,
  text: string,
): Promise<{ ok: true; remote: string; path: string | null } | { ok: false; failure: Failure }> {
  const { classifyRemote } = await import('@errand/config');
  if (text.trim() === '' || text.startsWith('-'))
    return fail('usage', 'bad-remote', `${JSON.stringify(text)} is not a URL or a path`);
  const kind = classifyRemote(text);
  if (kind.kind === 'helper') {
    return fail(
      'usage',
      'unsafe-transport',
      `${text} would run the program git-remote-${kind.name}`,
      'Use a path or an https, ssh or git URL.',
    );
  }
  if (kind.kind !== 'path') return { ok: true, remote: text, path: null };
  const path = resolve(io.cwd, text.replace(/^~(?=\/|$)/, io.env.HOME ?? '~'));
  const found = await stat(path).catch(() => null);
  if (found === null) {
    return fail('environment', 'no-repository', `there is no repository at ${path}`, `Make one: git init --bare -b main ${path}`);
  }
  return { ok: true, remote: path, path };
}
