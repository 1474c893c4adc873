import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkout } from '../open-checkout.ts';
import { parseStatus } from '../survey/parse-status.ts';

/**
 * A file that a step forward would touch and that is not as the last commit has it. `written`: it is to the byte what the step
 * would write, as a pull leaves it that was killed half-way; `theirs`: the person has changed or made it.
 */
export type Obstacle = { kind: 'written'; path: string; mode: string; blob: string } | { kind: 'theirs'; path: string };

/** What stands in the way of a step from one commit to another. */
export async function findObstacles({ git, dir }: Checkout, head: string, to: string): Promise<readonly Obstacle[]> {
  const raw = (await git.list('diff-tree', '-r', '-z', '--raw', '--no-abbrev', '--no-renames', head, to, '--')) ?? [];
  const status = await git.run({
    args: ['status', '--porcelain=v2', '-z', '--no-renames', '--untracked-files=all', '--ignored=matching'],
  });
  const entries = parseStatus(status.stdout);
  const obstacles: Obstacle[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [, mode = '', , blob = ''] = (raw[at] ?? '').split(' ');
    const path = raw[at + 1] ?? '';
    const entry = entries.find((one) => one.path === path || (one.path.endsWith('/') && path.startsWith(one.path)));
    if (entry === undefined) continue;
    const isStaged = !'.?!'.includes(entry.index);
    const found = await lstat(join(dir, path)).catch(() => null);
    // Git makes anew what is missing, and needs no leave for it.
    if (found === null && !isStaged) continue;
    const isPlain = found?.isFile() === true && mode === ((found.mode & 0o100) === 0 ? '100644' : '100755');
    const isWritten = isPlain && !isStaged && (await git.ask('hash-object', '--', path)) === blob;
    obstacles.push(isWritten ? { kind: 'written', path, mode, blob } : { kind: 'theirs', path });
  }
  return obstacles;
}
