import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '@errand/testing';
import { expect, test } from 'vitest';
import { makeFolder } from '../rig/test-rig.ts';
import { readInstructions } from './read-instructions.ts';

test('the instructions of a repository are read, in a folder and through a link within it too', async () => {
  const cwd = await makeFolder();
  await mkdir(join(cwd, '.claude'));
  await writeFile(join(cwd, '.claude/CLAUDE.md'), 'Use tabs: größer\n');
  await symlink('.claude/CLAUDE.md', join(cwd, 'AGENTS.md'));
  const expected = { path: expect.stringMatching(/\/\.claude\/CLAUDE\.md$/), text: 'Use tabs: größer\n' };
  expect(await readInstructions(cwd, '.claude/CLAUDE.md')).toEqual(expected);
  expect(await readInstructions(cwd, 'AGENTS.md')).toEqual(expected);
});

test('what is not a text file of the repository is not read', async () => {
  const [cwd, elsewhere] = [await makeFolder(), await makeFolder()];
  await writeFile(join(elsewhere, 'secret'), 'secret');
  await symlink(join(elsewhere, 'secret'), join(cwd, 'link'));
  await symlink(elsewhere, join(cwd, 'folder-link'));
  await symlink('loop', join(cwd, 'loop'));
  await mkdir(join(cwd, 'folder'));
  await mustRun('mkfifo', [join(cwd, 'pipe')], { env: { PATH: process.env.PATH ?? '' } });
  await writeFile(join(cwd, 'bytes'), Buffer.from([0x61, 0xff, 0xfe]));
  const names = ['missing', 'link', 'folder-link/secret', join(elsewhere, 'secret'), `../${elsewhere.split('/').at(-1)}/secret`];
  for (const name of [...names, 'loop', 'folder', 'pipe', 'bytes', '', '.', 'a\u0000b']) {
    expect(await readInstructions(cwd, name), name).toBeNull();
  }
  expect(await readInstructions(join(cwd, 'missing'), 'CLAUDE.md')).toBeNull();
});

test('of more than 64 KiB the first part is read, to the last whole character, with a note', async () => {
  const cwd = await makeFolder();
  await writeFile(join(cwd, 'exact'), 'a'.repeat(65_536));
  expect((await readInstructions(cwd, 'exact'))?.text).toBe('a'.repeat(65_536));
  await writeFile(join(cwd, 'long'), `a${'ö'.repeat(40_000)}`);
  const text = (await readInstructions(cwd, 'long'))?.text ?? '';
  expect(text).toMatch(/^aö+\n\n\(The rest is left out/);
  expect(text.match(/ö/g)).toHaveLength(32_767);
});
