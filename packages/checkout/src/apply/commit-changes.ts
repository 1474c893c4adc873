import { gitWords } from '../git/git-words.ts';
import type { Checkout } from '../open-checkout.ts';
import { FILED_BY } from '../survey/classify-commits.ts';
import { findEngagement } from '../survey/find-engagement.ts';
import { takeFingerprint } from '../survey/inspect-file.ts';
import type { Change } from '../survey/survey.ts';

/** How a local step ended. `overtaken`: the checkout is not what it was when the step was decided; nothing was done. */
export type LocalEnd =
  | { how: 'done'; commit: string }
  | { how: 'overtaken' }
  | { how: 'refused'; text: string; paths: readonly string[] };

/** A hook may run somebody's whole test-suite, and a signature may wait for a finger on a key. */
const COMMIT_TIMEOUT_MS = 10 * 60_000;

/** Commits these files and nothing else that is changed or staged, as the person: their identity, hooks and signature. */
export async function commitChanges(
  checkout: Checkout,
  head: string,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<LocalEnd> {
  const { git, dir } = checkout;
  const found = await findEngagement(checkout);
  if (found.engagement !== null || found.head !== head) return { how: 'overtaken' };
  for (const { path, fingerprint } of changes) {
    if (((await takeFingerprint(dir, path)) ?? 'gone') !== fingerprint) return { how: 'overtaken' };
  }
  const unknown = changes
    .filter(({ tracked, kind }) => !tracked && (kind === 'added' || kind === 'edited'))
    .map(({ path }) => path);
  if (unknown.length > 0) {
    const told = await git.run({ args: ['add', '--intent-to-add', ...FROM_INPUT], input: literal(unknown), signal });
    if (told.exitCode !== 0) return { how: 'refused', text: gitWords(told), paths: unknown };
  }
  const paths = changes.map(({ path }) => path);
  const message = ['--message', commitSubject(changes), '--message', FILED_BY];
  const run = await git.run({
    args: ['commit', '--only', '--quiet', '--no-status', ...message, ...FROM_INPUT],
    input: literal(paths),
    timeoutMs: COMMIT_TIMEOUT_MS,
    signal,
  });
  const now = await git.ask('rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
  if (run.exitCode === 0 && now !== null) return { how: 'done', commit: now };
  // What git was only told of must not go with the person's next commit.
  if (unknown.length > 0) await git.run({ args: ['reset', '--quiet', ...FROM_INPUT], input: literal(unknown) });
  return { how: 'refused', text: gitWords(run), paths };
}

/** Paths are read from the input, with NUL between them. */
export const FROM_INPUT = ['--pathspec-from-file=-', '--pathspec-file-nul'];

/** Names of files, in which `*` means nothing. */
export function literal(paths: readonly string[]): string {
  return paths.map((path) => `:(literal)${path}\0`).join('');
}

/** `add: fix-login; cancel: old-one`, as the other commands write it. */
export function commitSubject(changes: readonly Change[]): string {
  const verbs = { added: 'add', edited: 'edit', removed: 'cancel', tidied: 'tidy' } as const;
  return (['added', 'edited', 'removed', 'tidied'] as const)
    .flatMap((kind) => {
      const ids = changes.filter((change) => change.kind === kind).map(({ id }) => id);
      return ids.length === 0 ? [] : [`${verbs[kind]}: ${nameIds(ids)}`];
    })
    .join('; ');
}

/** `a`, or `a, b and 3 more`. */
function nameIds(ids: readonly string[]): string {
  return ids.length <= 3 ? ids.join(', ') : `${ids.slice(0, 2).join(', ')} and ${ids.length - 2} more`;
}
