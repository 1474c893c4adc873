import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commitOnTip } from './branch-edit.ts';
import { parseCommit, readBlob, readCommit, readName, readTree } from './objects.ts';
import type { GitPort } from './port.ts';
import { MemoryScene } from './rig/memory-scene.ts';
import { overMemoryAndGit } from './rig/over-memory-and-git.ts';
import { MAIN, must, pushAll, type Scene } from './rig/scene.ts';

async function filesOf(port: GitPort, tree: string, prefix = ''): Promise<{ [path: string]: string }> {
  const files: { [path: string]: string } = {};
  for (const { mode, name, oid } of await readTree(port, tree)) {
    if (mode === '40000') Object.assign(files, await filesOf(port, oid, `${prefix}${name}/`));
    else files[`${prefix}${name}`] = `${mode} ${(await readBlob(port, oid))?.toString()}`;
  }
  return files;
}

async function edit(port: GitPort, tip: string | null, files: { [path: string]: string | null }): Promise<string> {
  const changes = [];
  for (const [path, text] of Object.entries(files))
    changes.push({ path, blob: text === null ? null : await port.writeBlob(text) });
  return commitOnTip(port, tip, changes, 'edit\n');
}

/** Pushes a commit, and gives another machine's clone that has fetched it: it finds there what the remote was sent. */
async function publish(scene: Scene, port: GitPort, commit: string, expect: string | null = null): Promise<GitPort> {
  await pushAll(port, [{ ref: MAIN, to: commit, expect }]);
  const other = scene.clone();
  await must(other.fetch());
  return other;
}

overMemoryAndGit((open) => {
  test('the first commit of a branch has no parent, and folders are made on the way', async () => {
    const scene = await open();
    const port = scene.clone();
    const first = await edit(port, null, { 'tasks/a.md': 'A', 'results/2026-11-20/b.md': 'B' });
    const other = await publish(scene, port, first);
    const commit = await readCommit(other, first);
    expect(commit.parents).toEqual([]);
    expect(commit.message).toBe('edit\n');
    expect(await filesOf(other, commit.tree)).toEqual({ 'tasks/a.md': '100644 A', 'results/2026-11-20/b.md': '100644 B' });
  });

  test('what is not touched stays, and a folder that became empty is gone', async () => {
    const scene = await open();
    const first = await scene.commit({ 'tasks/a.md': 'A', 'tasks/deep/b.md': 'B', 'src/main.c': 'C' });
    const port = scene.clone();
    await must(port.fetch());
    const edited = await edit(port, first, { 'tasks/deep/b.md': null, 'tasks/a.md': 'A2' });
    const other = await publish(scene, port, edited, first);
    const second = await readCommit(other, edited);
    expect(second.parents).toEqual([first]);
    expect(await filesOf(other, second.tree)).toEqual({ 'tasks/a.md': '100644 A2', 'src/main.c': '100644 C' });
    expect((await readTree(other, second.tree)).map(({ name }) => name).sort()).toEqual(['src', 'tasks']);
  });

  test('taking the last file away leaves a commit on the empty tree', async () => {
    const scene = await open();
    const first = await scene.commit({ 'tasks/a.md': 'A' });
    const port = scene.clone();
    await must(port.fetch());
    const emptied = await edit(port, first, { 'tasks/a.md': null });
    const other = await publish(scene, port, emptied, first);
    expect(await readTree(other, (await readCommit(other, emptied)).tree)).toEqual([]);
  });

  test('an executable stays one, and a symbolic link that is written over becomes a plain file', async () => {
    const scene = await open();
    const port = scene.clone();
    const blob = await port.writeBlob('old');
    const tree = await port.writeTree([
      { mode: '100755', name: 'run.sh', oid: blob },
      { mode: '120000', name: 'link', oid: blob },
    ]);
    const tip = await port.writeCommit({ tree, parents: [], message: 'x\n' });
    const edited = await edit(port, tip, { 'run.sh': 'new', link: 'new' });
    const other = await publish(scene, port, edited);
    expect(await filesOf(other, (await readCommit(other, edited)).tree)).toEqual({ 'run.sh': '100755 new', link: '100644 new' });
  });

  test('a file in the way of a folder gives way to it', async () => {
    const scene = await open();
    const tip = await scene.commit({ results: 'a file by mistake' });
    const port = scene.clone();
    await must(port.fetch());
    const edited = await edit(port, tip, { 'results/2026-11-20/a.md': 'A' });
    const other = await publish(scene, port, edited, tip);
    expect(await filesOf(other, (await readCommit(other, edited)).tree)).toEqual({ 'results/2026-11-20/a.md': '100644 A' });
  });

  test('names that are not UTF-8 survive an edit beside them, byte for byte', async () => {
    const scene = await open();
    const port = scene.clone();
    const latin1 = Buffer.from([0x67, 0x72, 0xfc, 0xdf, 0x65]).toString('latin1');
    const oid = await port.writeBlob('grüße');
    const inner = await port.writeTree([{ mode: '100644', name: latin1, oid }]);
    const tree = await port.writeTree([
      { mode: '40000', name: latin1, oid: inner },
      { mode: '160000', name: 'module', oid: 'ab'.repeat(20) },
    ]);
    const tip = await port.writeCommit({ tree, parents: [], message: 'x\n' });
    const edited = await edit(port, tip, { 'tasks/a.md': 'A' });
    const other = await publish(scene, port, edited);
    const entries = await readTree(other, (await readCommit(other, edited)).tree);
    expect(entries).toContainEqual({ mode: '40000', name: latin1, oid: inner });
    expect(entries).toContainEqual({ mode: '160000', name: 'module', oid: 'ab'.repeat(20) });
  });

  test('a path is text, and meets the entry that has its UTF-8 bytes for a name', async () => {
    const scene = await open();
    const tip = await scene.commit({ 'tasks/grüße.md': 'A', 'tasks/b.md': 'B' });
    const port = scene.clone();
    await must(port.fetch());
    const names = (await readTree(port, (await readTree(port, (await readCommit(port, tip)).tree))[0]?.oid ?? '')).map(readName);
    expect(names.sort()).toEqual(['b.md', 'grüße.md']);
    const edited = await edit(port, tip, { 'tasks/grüße.md': null });
    const other = await publish(scene, port, edited, tip);
    expect(await filesOf(other, (await readCommit(other, edited)).tree)).toEqual({ 'tasks/b.md': '100644 B' });
  });
});

// In memory alone: what a row of edits comes to is no matter of the remote's.
test('any row of edits leaves the files that a map of paths would have', async () => {
  const path = fc.constantFrom('a', 'b/c', 'b/d', 'b/e/f', 'g/h/i', 'g/h/j');
  const step = fc.dictionary(path, fc.option(fc.string({ maxLength: 4 }), { nil: null }), { minKeys: 1, maxKeys: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
      const port = new MemoryScene().clone();
      const model: { [path: string]: string } = {};
      let tip: string | null = null;
      for (const files of steps) {
        tip = await edit(port, tip, files);
        for (const [name, text] of Object.entries(files)) {
          if (text === null) delete model[name];
          else model[name] = `100644 ${text}`;
        }
      }
      if (tip === null) return;
      const { tree } = parseCommit((await port.read(tip))?.content ?? Buffer.alloc(0));
      expect(await filesOf(port, tree)).toEqual(model);
    }),
    { numRuns: 60 },
  );
});
