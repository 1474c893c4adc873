import type { Finding } from '@errand/task';
import { classifyRemote } from './remote.ts';

/** Reasons for which a remote's name is refused wherever it comes from. Its text is not repeated: it may hold a password. */
export function findUnsafeRemote(remote: string, path: readonly PropertyKey[]): Finding[] {
  const name = path.map(String).join('.');
  if (remote.startsWith('-')) {
    const message = `\`${name}\` starts with a dash: git would take it for an option`;
    return [
      {
        path,
        at: 'value',
        code: 'option-like-remote',
        message,
        hint: 'Write a URL or a path, for a path perhaps with ./ before it.',
      },
    ];
  }
  const found = classifyRemote(remote);
  if (found.kind === 'helper') {
    const message = `\`${name}\` uses the transport ${found.name}::, which runs a program`;
    return [{ path, at: 'value', code: 'unsafe-transport', message, hint: 'Use an https or ssh URL, or a path.' }];
  }
  return [];
}

/** A password or token in a URL ends up in logs, process lists and git's own configuration. */
export function findPasswordInRemote(remote: string, path: readonly PropertyKey[]): Finding[] {
  const found = classifyRemote(remote);
  if (found.kind !== 'url' || !found.password) return [];
  const name = path.map(String).join('.');
  const message = `\`${name}\` has a password or token in it, which ends up in logs and process lists`;
  return [
    {
      path,
      at: 'value',
      code: 'password-in-url',
      message,
      hint: 'Remove it and use a credential helper (git help credentials) or ssh.',
    },
  ];
}
