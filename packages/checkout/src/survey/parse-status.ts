/** One path of `git status --porcelain=v2 -z`: what the index and the work tree say of it. */
export interface StatusEntry {
  path: string;
  /** Against the last commit, and against the index: a letter or `.`; `?` untracked, `!` ignored. */
  index: string;
  workTree: string;
  /** It has a conflict. */
  unmerged: boolean;
}

/** Reads what git prints; what it does not know it leaves out. Renames must be turned off. */
export function parseStatus(text: string): StatusEntry[] {
  return text.split('\0').flatMap((record): StatusEntry[] => {
    const kind = record.charAt(0);
    if (kind === '?' || kind === '!') return [{ path: record.slice(2), index: kind, workTree: kind, unmerged: false }];
    if (kind !== '1' && kind !== 'u') return [];
    const fields = record.split(' ');
    // The path comes last and may hold spaces.
    const path = fields.slice(kind === '1' ? 8 : 10).join(' ');
    const [, letters = '..'] = fields;
    return [{ path, index: letters.charAt(0), workTree: letters.charAt(1), unmerged: kind === 'u' }];
  });
}
