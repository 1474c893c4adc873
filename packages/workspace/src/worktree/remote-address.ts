const SCHEMES = new Set(['https', 'http', 'ssh', 'git+ssh', 'ssh+git', 'git', 'file']);

/** Why git is not asked about this repository, or null. */
export function whyNotARemote(remote: string): string | null {
  if (remote === '') return 'it is empty';
  if (/\p{Cc}/u.test(remote)) return 'it holds a control character';
  if (remote.startsWith('-')) return 'it starts with "-"';
  if (/^[A-Za-z0-9][A-Za-z0-9+.-]*::/.test(remote)) return 'it names a transport program, and only URLs and paths are allowed';
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(remote)?.[1];
  if (scheme !== undefined) return SCHEMES.has(scheme.toLowerCase()) ? null : `the protocol ${scheme} is not allowed`;
  if (remote.startsWith('/') || isScpAddress(remote)) return null;
  return 'it is neither a URL nor an absolute path';
}

/** True for `host:path` and `user@host:path`. */
function isScpAddress(remote: string): boolean {
  return /^[^\s/:]+:./.test(remote) || /^(?:[^\s/:@]+@)?\[[^\]/]+\]:./.test(remote);
}

/** Why this cannot be the name of a branch, tag or commit, or null (rules of `git check-ref-format`). */
export function whyNotABase(base: string): string | null {
  if (base === '' || base.length > 250) return 'a name has 1 to 250 characters';
  if (base.startsWith('-')) return 'it starts with "-"';
  if (/[\p{Cc} ~^:?*[\\]/u.test(base)) return 'it holds a character that no branch or tag may have';
  if (/\.\.|@\{|\/\/|^\/|\/$|\.$|\.lock(?:\/|$)|(?:^|\/)\./.test(base) || base === '@')
    return 'no branch or tag may be called so';
  return null;
}

/** The text on one line, without user names and passwords in URLs, and without tokens in headers. */
export function hideSecrets(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/'"]*@/gi, '$1')
    .replace(/(authorization:\s*)(?:\w+\s+)?\S+/gi, '$1…')
    .replace(/\p{Cc}+/gu, ' ');
}
