import { readResultHead, taskIdOfPath, taskIdOfResultPath } from '@errand/task';
import type { PulledResult } from '../events.ts';
import type { Checkout } from '../open-checkout.ts';

/** More results than this at once are named, but not read. */
const MAX_READ = 50;

/** What a pull has brought: results that are new, and tasks that others have changed. */
export async function listPulled(
  { git }: Checkout,
  from: string,
  to: string,
): Promise<{ from: string; to: string; results: readonly PulledResult[]; tasks: readonly string[] }> {
  const paths = (await git.list('diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to, '--')) ?? [];
  const added = await git.list(
    'diff-tree',
    '-r',
    '-z',
    '--name-only',
    '--no-renames',
    '--diff-filter=AM',
    from,
    to,
    '--',
    'results',
  );
  const results: PulledResult[] = [];
  for (const path of added ?? []) {
    const id = taskIdOfResultPath(path);
    if (id === null) continue;
    const text = results.length < MAX_READ ? await git.ask('cat-file', 'blob', `${to}:${path}`) : null;
    const head = text === null ? null : readResultHead(path, text);
    results.push({ id, path, state: head?.ok === true ? head.value.state : null });
  }
  return { from, to, results, tasks: paths.flatMap((path) => taskIdOfPath(path) ?? []) };
}
