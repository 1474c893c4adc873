import { access, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mustRun } from '@errand/testing';

/** Something that happens to a private clone. */
export type Damage = (clone: string, env: Record<string, string>) => Promise<void>;

const put =
  (path: string, text: string): Damage =>
  async (clone) => {
    await mkdir(dirname(join(clone, path)), { recursive: true });
    await writeFile(join(clone, path), text);
  };

/** Gone at one moment: a worker that writes there meanwhile would make a deletion fail half-way. */
const remove =
  (path: string): Damage =>
  async (clone) => {
    const aside = `${clone}.removed`;
    await rename(join(clone, path), aside);
    await rm(aside, { recursive: true, maxRetries: 10 });
  };

/** An object of the clone: its file, or the packs where it has none of its own. */
function spoil(name: string, how: (path: string) => Promise<void>): Damage {
  return async (clone, env) => {
    const oid = (await mustRun('git', ['--git-dir', clone, 'rev-parse', '--verify', name], { env })).trim();
    const loose = join(clone, 'objects', oid.slice(0, 2), oid.slice(2));
    const packs = join(clone, 'objects', 'pack');
    const packed = (await readdir(packs).catch(() => []))
      .filter((file) => file.endsWith('.pack'))
      .map((file) => join(packs, file));
    const isLoose = await access(loose).then(
      () => true,
      () => false,
    );
    for (const path of isLoose ? [loose] : packed) await how(path);
  };
}

const lose = (path: string): Promise<void> => rm(path, { force: true });

/** Another file in its place: git maps packs into memory, and nobody's disk changes a mapped file. */
async function corrupt(path: string): Promise<void> {
  await rm(path, { force: true });
  const file = await open(path, 'wx');
  await file.write(Buffer.alloc(64, 0xa5));
  await file.close();
}

export const DAMAGES: readonly [string, Damage][] = [
  ['an empty branch ref', put('refs/heads/main', '')],
  ['a branch ref of half an oid', put('refs/heads/main', '3f2c9a0d5b1e')],
  ['a branch ref to what does not exist', put('refs/heads/main', `${'1234'.repeat(10)}\n`)],
  ['an empty ref of a worker', put('refs/errand/workers/pi', '')],
  ['packed refs that are none', put('packed-refs', 'not a ref at all\n')],
  ['a missing commit', spoil('main', lose)],
  ['a missing tree', spoil('main^{tree}', lose)],
  ['a missing subtree', spoil('main:tasks', lose)],
  ['a missing heartbeat', spoil('refs/errand/workers/pi', lose)],
  ['a corrupt commit', spoil('main', corrupt)],
  ['a corrupt subtree', spoil('main:tasks', corrupt)],
  ['a stale shallow.lock', put('shallow.lock', '')],
  ['a stale packed-refs.lock', put('packed-refs.lock', '')],
  ['a stale lock of the branch', put('refs/heads/main.lock', '')],
  ['a garbage HEAD', put('HEAD', '\0\0\0')],
  ['a garbage config', put('config', '[core\nbare = perhaps\n')],
  ['no objects', remove('objects')],
  ['no refs', remove('refs')],
  ['no clone', remove('')],
];
