import { MemoryPort, MemoryRemote } from '@errand/testing';
import { expect, test } from 'vitest';
import { branchRef } from './names.ts';
import { DamagedCloneError, parseCommit, parseTree, readBlob, readCommit, readName, readTree } from './objects.ts';
import { overMemoryAndGit } from './rig/over-memory-and-git.ts';

const clone = () => new MemoryPort({ remote: new MemoryRemote(), branch: 'main' });

test('a tree is read with names as their bytes, for SHA-1 and for SHA-256', () => {
  for (const oidBytes of [20, 32]) {
    const oid = 'ab'.repeat(oidBytes);
    const name = Buffer.from([0x67, 0x72, 0xfc, 0xdf, 0x65]);
    const raw = Buffer.concat([Buffer.from('100644 '), name, Buffer.from([0]), Buffer.from(oid, 'hex')]);
    expect(parseTree(Buffer.concat([raw, raw]), oidBytes)).toEqual([
      { mode: '100644', name: 'gr\u00fc\u00dfe', oid },
      { mode: '100644', name: 'gr\u00fc\u00dfe', oid },
    ]);
  }
});

test('a name is shown as UTF-8 although its bytes are kept', async () => {
  const port = clone();
  const name = Buffer.from('grüße.md', 'utf8').toString('latin1');
  const [entry] = await readTree(port, await port.writeTree([{ mode: '100644', name, oid: await port.writeBlob('x') }]));
  expect(entry?.name).toBe(name);
  expect(entry && readName(entry)).toBe('grüße.md');
});

test('a commit is read with all its parents and a message that has empty lines and headers of its own', () => {
  const text = [
    'tree aa',
    'parent bb',
    'parent cc',
    'author A <a@b> 1 +0000',
    'committer C <c 77 +0100@d> 1795165200 +0100',
    'gpgsig -----BEGIN',
    ' tree not-this-one',
    '',
    'subject',
    '',
    'tree in the message',
    '',
  ];
  expect(parseCommit(Buffer.from(text.join('\n')))).toEqual({
    tree: 'aa',
    parents: ['bb', 'cc'],
    committedAtS: 1_795_165_200,
    message: 'subject\n\ntree in the message\n',
  });
});

test('an object that must be there and is not says that the clone is damaged', async () => {
  const port = clone();
  const blob = await port.writeBlob('no tree and no commit');
  await expect(readTree(port, 'ab'.repeat(20))).rejects.toThrow(DamagedCloneError);
  await expect(readTree(port, blob)).rejects.toThrow(blob);
  await expect(readCommit(port, blob)).rejects.toThrow(DamagedCloneError);
});

overMemoryAndGit((open) => {
  test('a blob that the clone lacks is brought once, and one that nobody has is null', async () => {
    const scene = await open();
    await scene.commit({ 'a.txt': 'from the remote\n' });
    const port = scene.clone();
    await port.fetch();
    const tip = (await port.refs()).find(({ name }) => name === branchRef('main'))?.oid ?? '';
    const [entry] = await readTree(port, (await readCommit(port, tip)).tree);
    expect(await port.read(entry?.oid ?? '')).toBeNull();
    expect((await readBlob(port, entry?.oid ?? ''))?.toString()).toBe('from the remote\n');
    expect(await readBlob(port, 'ab'.repeat(20))).toBeNull();
  });
});
