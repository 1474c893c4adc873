import { join } from 'node:path';
import { hermeticEnv, mustRun, runCommand, temporaryDirectory } from '@errand/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TreeEntry } from '../port.ts';
import { encodeTree, type ObjectFormat } from './encode-object.ts';
import { openPrivateClone } from './private-clone.ts';

const EMPTY = {
  sha1: 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
  sha256: '473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813',
};
const RUNS = { numRuns: 25 };

/** Names as git takes them: no `/`, no NUL, not `.`, `..` or `.git`; any other byte. */
const names = fc
  .string({ unit: fc.integer({ min: 1, max: 255 }).map((byte) => String.fromCharCode(byte)), minLength: 1, maxLength: 12 })
  .filter((name) => !name.includes('/') && !/^\.{1,2}$/.test(name) && !/^\.git$/i.test(name));

for (const format of ['sha1', 'sha256'] as const) {
  const entries = fc.uniqueArray(
    fc.record({
      name: names,
      mode: fc.constantFrom('100644', '100755', '120000', '40000', '160000'),
      oid: fc.constant(EMPTY[format]),
    }),
    { selector: ({ name }) => name, maxLength: 12 },
  );

  test(`a blob has the oid that git hash-object gives it (${format})`, async () => {
    await using bench = await open(format);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (content) => {
        const oid = await bench.clone.writeBlob(content);
        expect(await bench.git(['hash-object', '-t', 'blob', '--stdin'], Buffer.from(content))).toBe(oid);
        expect(await bench.git(['cat-file', '-t', oid])).toBe('blob');
      }),
      RUNS,
    );
  });

  test(`a tree has the oid that git mktree gives it, in whatever order its entries come (${format})`, async () => {
    await using bench = await open(format);
    await fc.assert(
      fc.asyncProperty(entries, async (tree) => {
        const oid = await bench.clone.writeTree(tree);
        expect(await bench.git(['mktree', '-z', '--missing'], mktreeInput(tree))).toBe(oid);
      }),
      RUNS,
    );
  });

  test(`a commit has the oid that git commit-tree gives it (${format})`, async () => {
    await using bench = await open(format);
    const tree = await bench.clone.writeTree([]);
    let parents: string[] = [];
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), async (text) => {
        const message = text.replaceAll('\0', '');
        const oid = await bench.clone.writeCommit({ tree, parents, message });
        const argv = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent])];
        expect(await bench.git(argv, Buffer.from(message))).toBe(oid);
        parents = [oid, ...parents.slice(0, 1)];
      }),
      RUNS,
    );
  });
}

test('git finds nothing wrong with what was written', async () => {
  await using bench = await open('sha1');
  const { clone } = bench;
  const file = await clone.writeBlob('text\n');
  const folder = await clone.writeTree([{ mode: '100644', name: 'a.md', oid: file }]);
  const tree = await clone.writeTree([
    { mode: '40000', name: 'tasks', oid: folder },
    { mode: '100644', name: 'tasks.md', oid: file },
    { mode: '100755', name: 'tasks-run', oid: file },
  ]);
  const first = await clone.writeCommit({ tree, parents: [], message: 'first\n' });
  const second = await clone.writeCommit({ tree, parents: [first], message: 'second\n\nbody\n' });
  await bench.git(['update-ref', 'refs/errand/x', second]);
  const checked = await runCommand('git', ['--git-dir', bench.dir, 'fsck', '--strict', '--full'], { env: bench.env });
  expect(checked).toMatchObject({ exitCode: 0, stderr: expect.not.stringMatching(/error|warning/) });
});

test('an entry with an impossible name is a bug, and said so', () => {
  for (const name of ['', 'a/b', 'a\0b', 'ž']) {
    expect(() => encodeTree([{ mode: '100644', name, oid: EMPTY.sha1 }])).toThrow('not a name in a tree');
  }
  const twice = { mode: '100644', name: 'a', oid: EMPTY.sha1 };
  expect(() => encodeTree([twice, { ...twice, mode: '40000' }])).toThrow('one name');
});

function mktreeInput(tree: readonly TreeEntry[]): Buffer {
  const types: Record<string, string> = { '40000': 'tree', '160000': 'commit' };
  const rows = tree.map(({ mode, name, oid }) => `${mode.padStart(6, '0')} ${types[mode] ?? 'blob'} ${oid}\t${name}\0`);
  return Buffer.from(rows.join(''), 'latin1');
}

async function open(format: ObjectFormat) {
  const folder = temporaryDirectory();
  const at = 1_700_000_000_000;
  const person = { GIT_AUTHOR_DATE: `${at / 1000} +0000`, GIT_COMMITTER_DATE: `${at / 1000} +0000` };
  const env = { ...hermeticEnv(folder.path, { name: 'errand', email: 'errand@localhost' }), ...person };
  const dir = join(folder.path, 'clone.git');
  await mustRun('git', ['init', '-q', '--bare', `--object-format=${format}`, dir], { env });
  const clone = openPrivateClone({ dir, remote: '/nowhere', branch: 'main', env, now: () => at });
  return {
    dir,
    env,
    clone,
    git: async (args: string[], input?: Buffer): Promise<string> => {
      const options = input === undefined ? { env } : { env, input };
      return (await mustRun('git', ['--git-dir', dir, ...args], options)).trim();
    },
    [Symbol.asyncDispose]: async () => {
      await clone.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
